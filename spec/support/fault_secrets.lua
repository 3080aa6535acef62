--- The secrets that the fault matrix plants. No error may show one. In order: an assigned password, an API
-- key, an account's secret, a token of the account, a proxy's password.
return { "Planted-Passw0rd-kie7", "planted-key-Oox2ahsh", "planted-secret-ahJ4", "planted-token-Eiph8",
  "planted-proxy-Uo3e" }

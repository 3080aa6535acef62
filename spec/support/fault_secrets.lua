--- The secrets that the fault matrix plants: no error may show one. In order: a password that is assigned,
-- an API key, an account's secret, a token of the account's own, a proxy's password.
return { "Planted-Passw0rd-kie7", "planted-key-Oox2ahsh", "planted-secret-ahJ4", "planted-token-Eiph8",
  "planted-proxy-Uo3e" }

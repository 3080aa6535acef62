-- The accounts of the command patchbay, with each secret where it is kept. Copy it to
-- ~/.config/patchbay/accounts.lua, with mode 0600, and put your own commands and files in.

return {
  -- The first line that a command prints. For HashiCorp Vault:
  --   { command = "vault kv get -field=secret kv/telegent" }
  telegent = {
    account_key = { env = "TELEGENT_ACCOUNT_KEY" },
    account_secret = { command = "cat telegent.secret" },
  },

  -- The first line of a file, such as one that Docker or systemd hands to a service:
  --   { file = "/run/secrets/crazytel" }
  crazytel = { api_key = { file = "crazytel.key" } },
}

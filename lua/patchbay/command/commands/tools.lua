--- The commands round the others: import, sandbox, completion. commands.lua describes the members of an
-- entry.

return {
  {
    name = "import", module = "patchbay.command.import",
    summary = "Make a vendor's description out of its OpenAPI document",
    details = "Prints a Lua file for review (OpenAPI 3.0, 3.1, Swagger 2.0; JSON, or YAML where lyaml is "
      .. "installed). Nothing is guessed: facts that the document does not state come from the overlay, or "
      .. "are left out.",
    arguments = { { "document", "File of the document; - reads standard input" } },
    options = {
      { "--overlay", "Lua file with the facts that the document does not state", argument = "FILE" },
      { "--keep", "Description whose names of collections stay", argument = "FILE" },
      { "--report", "Write the report there; - prints it in place of the description", argument = "FILE" },
    },
    examples = {
      { "patchbay import acme.yaml --report -", "which parts of a document can be used" },
      { "patchbay import acme.yaml --overlay overlay.lua > acme.lua", "a description to review" },
      { "patchbay import acme-2.yaml --overlay overlay.lua --keep acme.lua > new.lua",
        "of the next version" },
    },
  },
  {
    name = "sandbox", module = "patchbay.command.sandbox",
    summary = "Simulate the vendors on this machine",
    details = "Prints the address and the credentials as shell exports, and runs until it is interrupted. "
      .. "Needs nginx with its Lua module, or OpenResty.",
    arguments = {},
    options = {
      { "--port", "Port to listen on; by default a free one", argument = "N" },
      { "--description", "Simulate the vendor that this Lua file describes", argument = "FILE" },
      { "--options", "Options of the sandbox", argument = "JSON" },
      { "--background", "Return once the server responds" },
      { "--stop", "Stop a server that runs in the background" },
    },
    examples = {
      { 'eval "$(patchbay sandbox --background)"', "a server, and its credentials for this shell" },
      { "patchbay sandbox --stop", "stop it" },
    },
  },
  {
    name = "completion", module = "patchbay.command.completion",
    summary = "Print a shell's completions",
    arguments = { { "shell", "The shell", choices = { "bash", "zsh", "fish" } } },
    options = {},
    examples = {
      { "patchbay completion bash > ~/.local/share/bash-completion/completions/patchbay", "for bash" },
      { "patchbay completion fish > ~/.config/fish/completions/patchbay.fish", "for fish" },
    },
  },
}

--- The commands round the others: sandbox, completion. commands.lua says of what an entry consists.

return {
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

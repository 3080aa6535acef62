rockspec_format = "3.0"
package = "patchbay-redis"
version = "dev-1"

-- For `luarocks make src/redis/patchbay-redis-dev-1.rockspec` in a checkout of Patchbay.
source = {
  url = "git+file:///this-is-for-a-checkout/type-luarocks-make-there",
}

description = {
  summary = "The client of Redis and Valkey through which several machines share an account in Patchbay",
  detailed = [[
Plain Lua needs it for the option shared = "redis://…" of Patchbay's clients; nginx and HAProxy do not. It is a thin
binding of hiredis, which speaks the protocol. TLS needs hiredis 1.0 or newer with hiredis_ssl.]],
  license = "MIT",
  labels = { "redis" },
}

dependencies = {
  "lua >= 5.1",
}

external_dependencies = {
  HIREDIS = { header = "hiredis/hiredis.h" },
}

-- make finds out whether hiredis has TLS.
build = {
  type = "make",
  build_target = "redis",
  build_variables = {
    CFLAGS = "$(CFLAGS)",
    LUA_INCLUDE = "-I$(LUA_INCDIR)",
    OUT = "build/rock",
  },
  install_target = "install-redis",
  install_variables = {
    LUA_INCLUDE = "-I$(LUA_INCDIR)",
    CFLAGS = "$(CFLAGS)",
    OUT = "build/rock",
    INST_LIBDIR = "$(LIBDIR)",
  },
}

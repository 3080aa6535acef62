rockspec_format = "3.0"
package = "patchbay"
version = "dev-1"

-- For `luarocks make` in a checkout, which does not look at it; a release names its repository here.
source = {
  url = "git+file://.",
}

description = {
  summary = "Telephony APIs as Lua tables: the keys you assign become the partial update",
  detailed = [[
Shows the voice routes, phone numbers and SIP trunks of telephony vendors as Lua tables. The keys a
script assigns become the partial update; nothing else is sent, nothing else is touched. HTTP, JSON
and validation are in C on libcurl.]],
  license = "MIT",
  labels = { "telephony", "sip", "http", "rest" },
}

dependencies = {
  "lua >= 5.1",
  "lua-cjson >= 2.1.0",
}

test_dependencies = {
  "busted",
  "dkjson",
}

-- libcurl is asked for by src/curl_include.h, which names the package to install: LuaRocks' own
-- check does not look into the folders where Debian keeps curl/curl.h.
build = {
  type = "builtin",
  modules = {
    ["patchbay.core"] = {
      defines = { "_POSIX_C_SOURCE=200809L" },
      libraries = { "curl", "m" },
      sources = {
        -- the tree's sources
        "src/buffer.c",
        "src/core.c",
        "src/lua_buffer.c",
        "src/memory.c",
        -- end of sources
      },
    },
    -- the tree's modules
    -- end of modules
  },
  install = {
    bin = {
      -- the tree's programs
      -- end of programs
    },
  },
}

-- The programs are shell scripts; LuaRocks would take them for Lua and wrap them.
deploy = {
  wrap_bin_scripts = false,
}

test = {
  type = "busted",
}

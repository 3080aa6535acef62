# make            builds the module for Lua 5.4 (make LUA=luajit, lua5.1, lua5.3 for others)
# make demo       sets up, builds, and shows an update travel
# make test       sets up, builds, and runs every test
# make help       the rest

LUA ?= lua5.4
CC ?= cc
BUILD := build
OUT := $(BUILD)/$(LUA)

# Debian's names for a Lua's headers; LUA_INCLUDE overrides.
LUA_PC_luajit := luajit
LUA_PC := $(or $(LUA_PC_$(LUA)),$(LUA))
LUA_INCLUDE ?= $(shell pkg-config --cflags $(LUA_PC) 2>/dev/null || echo -I/usr/include/$(LUA))
CURL_CFLAGS ?= $(shell pkg-config --cflags libcurl 2>/dev/null)
CURL_LIBS ?= $(shell pkg-config --libs libcurl 2>/dev/null || echo -lcurl)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Werror
CFLAGS ?= -O2 -g
CORE_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -fPIC -fvisibility=hidden $(WARNINGS) \
  $(LUA_INCLUDE) $(CURL_CFLAGS) $(if $(filter luajit%,$(LUA)),-DPB_LUAJIT)

SOURCES := $(sort $(wildcard src/*.c))
OBJECTS := $(SOURCES:src/%.c=$(OUT)/obj/%.o)
CORE := $(OUT)/patchbay/core.so

all: $(CORE)

$(CORE): $(OBJECTS)
	@mkdir -p $(@D)
	$(CC) -shared $(LDFLAGS) -o $@ $(OBJECTS) $(CURL_LIBS) -lm

$(OUT)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CORE_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

env: $(CORE)
	@echo 'export LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;$${LUA_PATH:-;}"'
	@echo 'export LUA_CPATH="$(CURDIR)/$(OUT)/?.so;$${LUA_CPATH:-;}"'

clean:
	rm -rf $(BUILD)

.PHONY: all env clean

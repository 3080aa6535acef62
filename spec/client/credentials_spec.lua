-- Credentials that are given with a mistake are refused when the client is made, and never quoted.

local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"
local system = require "spec.support.system"

local function transport() return { status = 200, body = "{}" } end

-- The problem with a credential, without the vendor's name.
local function problem(vendor, options)
  options.transport = transport
  return (support.raised(patchbay[vendor], options):gsub("^%a+: ", ""))
end

describe("a credential", function()
  local SECRET = "s3cr3t-of-mine"

  it("is refused with what a file, a chat or another program leaves around it", function()
    for value, expected in pairs {
      [SECRET .. "\n"] = 'it ends with a line end; read the file with file:read "*l", or cut it off',
      [SECRET .. "\r\n"] = 'it ends with a line end; read the file with file:read "*l", or cut it off',
      [" " .. SECRET] = "there is white space around it; leave that out",
      [SECRET .. "\t"] = "there is white space around it; leave that out",
      ["\239\187\191" .. SECRET] = "it begins with U+FEFF, the byte order mark of a text file; leave that "
        .. "out",
      [SECRET .. "\226\128\139"] = "it contains U+200B, a character that cannot be seen; leave that out",
      ["\226\128\170" .. SECRET] = "it contains U+202A, a character that cannot be seen; leave that out",
      [SECRET .. "\194\160x"] = "it contains U+00A0, a character that cannot be seen; leave that out",
      ["s3\ncr3t"] = "control characters (such as a line end) cannot stand in a header",
      ["s3\0cr3t"] = "control characters (such as a line end) cannot stand in a header",
    } do
      assert.equal("token: " .. expected, problem("telegent", { token = value }))
      assert.equal("api_key: " .. expected, problem("crazytel", { api_key = value }))
      assert.equal("password: " .. expected, problem("convirza", { email = "a@b", password = value }))
      assert.equal("account_secret: " .. expected,
        problem("telegent", { account_key = "DID-1", account_secret = value }))
      assert.equal("account_key: " .. expected,
        problem("telegent", { account_key = value, account_secret = "x" }))
    end
  end)

  it("for a header is refused with more than itself", function()
    for value, expected in pairs {
      ["Bearer " .. SECRET] = 'write it without "Bearer", which Patchbay adds',
      ["bearer  " .. SECRET] = 'write it without "bearer", which Patchbay adds',
      ["Authorization: Bearer " .. SECRET] = "write the value alone, without the header's name",
      ['"' .. SECRET .. '"'] = "there are quotes around it; leave these out",
      ["'" .. SECRET .. "'"] = "there are quotes around it; leave these out",
      ["s3 cr3t"] = "there is a blank in it, which cannot be",
      ["s3cr\195\169t"] = "it has characters beyond ASCII, which no header can carry",
    } do
      assert.equal("token: " .. expected, problem("telegent", { token = value }))
    end
    assert.equal('api_key: write it without "Bearer"', problem("crazytel", { api_key = "Bearer " .. SECRET }))
    assert.equal("api_key: write the value alone, without the header's name",
      problem("crazytel", { api_key = "X-Crazytel-Api-Key: " .. SECRET }))
  end)

  it("among stored tokens is refused as the option of its kind is", function()
    for value, expected in pairs {
      [SECRET .. "\n"] = 'it ends with a line end; read the file with file:read "*l", or cut it off',
      [" " .. SECRET] = "there is white space around it; leave that out",
      ["\239\187\191" .. SECRET] = "it begins with U+FEFF, the byte order mark of a text file; leave that "
        .. "out",
      ["\226\128\170" .. SECRET] = "it contains U+202A, a character that cannot be seen; leave that out",
      ["Bearer " .. SECRET] = 'write it without "Bearer", which Patchbay adds',
      ["Authorization: Bearer " .. SECRET] = "write the value alone, without the header's name",
      ['"' .. SECRET .. '"'] = "there are quotes around it; leave these out",
      ["s3 cr3t"] = "there is a blank in it, which cannot be",
      ["***"] = "*** is what Patchbay shows instead of a secret; give the secret itself",
      [5] = "expected a string, got a number",
    } do
      for _, name in ipairs { "access_token", "refresh_token" } do
        local stored = { access_token = "access", refresh_token = "refresh" }
        stored[name] = value
        local why = ("option tokens: %s: %s"):format(name, expected)
        assert.equal(why, problem("convirza", { tokens = stored }))
        assert.equal(why, problem("convirza", { email = "a@b", password = SECRET, tokens = stored }))
        local sent = 0
        local client = patchbay.convirza { email = "a@b", password = SECRET,
          tokens = function() return stored end,
          transport = function()
            sent = sent + 1
            return { status = 200, body = "{}" }
          end }
        local _, err = client.provisioned_routes:update(1, { call_value = 1 })
        assert.same({ "unauthorized", "not_sent", 0, 0 }, { err.kind, err.outcome, err.attempts, sent })
        assert.equal(("convirza: option tokens: the function returned %s: %s"):format(name, expected),
          err.message)
      end
    end
  end)

  it("for the body of a login may have blanks and letters of any language in it", function()
    for _, password in ipairs { "correct horse battery", "gehe\195\164use", '"quoted"',
      "Bearer of tidings" } do
      assert(patchbay.convirza { email = "a@b", password = password, transport = transport })
    end
  end)
end)

describe("the environment", function()
  local function run(environment, text)
    local path = os.tmpname()
    system.write(path, 'local patchbay = require "patchbay"\n' .. text)
    local output = system.output("env -u TELEGENT_TOKEN " .. environment .. ' "$lua" ' .. path .. " 2>&1")
    os.remove(path)
    return output
  end

  local function made(url, options)
    return run(("TELEGENT_BASE_URL='%s' CONVIRZA_BASE_URL='%s'"):format(url, url),
      ("print((tostring(select(2, pcall(patchbay.telegent, { token = 't0ken', %s })))"
        .. ":gsub('^.-:%%d+: ', '')))"):format(options or ""))
  end

  it("gives the server's root where the option does not, which tostring shows", function()
    assert.equal("telegent client (https://proxy.example/t)\n", made "https://proxy.example/t/")
    assert.equal("telegent client (http://127.0.0.1:8080)\n", made "http://127.0.0.1:8080")
    assert.equal("telegent client (https://given.example)\n",
      made("https://proxy.example", "base_url = 'https://given.example'"))
    assert.equal("telegent client (https://api.telegent.com)\n", made "")
  end)

  it("cannot send credentials in clear text, nor hold some, nor be no address", function()
    assert.equal("telegent: TELEGENT_BASE_URL: http:// would send the credentials in clear text; use "
      .. "https://\n", made("http://proxy.example", "allow_cleartext = true"))
    assert.equal("telegent: TELEGENT_BASE_URL: credentials do not belong in the address; use the options for "
      .. "them\n", made "https://me:pass@proxy.example")
    assert.truthy(made("proxy.example"):find("telegent: TELEGENT_BASE_URL: expected an absolute URI", 1,
      true))
    assert.equal('telegent: TELEGENT_BASE_URL: every path begins with "/v1.0" already; write '
      .. '"https://api.telegent.com"\n', made "https://api.telegent.com/v1.0")
  end)

  it("gives the server of logins as well, so that the password goes to no other", function()
    local output = run("CONVIRZA_BASE_URL=https://proxy.example", [[
      local convirza = patchbay.convirza { email = "a@b", password = "pass", transport = function(request)
        print(request.url)
        return { status = 200, body = '{"access_token":"t"}' }
      end }
      convirza.provisioned_routes:update(1, { call_value = 1 })]])
    assert.equal("https://proxy.example/oauth/token\nhttps://proxy.example/v3/provisioned-routes/1\n", output)
  end)

  it("is named where a credential out of it is refused", function()
    local output = run("TELEGENT_TOKEN='Bearer x'", "print(select(2, pcall(patchbay.telegent)))")
    assert.truthy(output:find('telegent: token (TELEGENT_TOKEN): write it without "Bearer"', 1, true), output)
  end)
end)

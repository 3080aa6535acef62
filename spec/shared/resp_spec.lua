-- The protocol of Redis, over a socket that a string stands for.

local resp = require "patchbay.shared.resp"

-- A socket from which `bytes` come.
local function socket(bytes)
  return { receive = function(_, wanted)
    local got
    if wanted == "*l" then
      got = bytes:match "^(.-)\n"
      if not got then return nil, "closed" end
      bytes = bytes:sub(#got + 2)
      return got
    end
    got, bytes = bytes:sub(1, wanted), bytes:sub(wanted + 1)
    if #got < wanted then return nil, "closed" end
    return got
  end }
end

local function read(bytes) return resp.read(socket(bytes)) end

describe("the protocol of Redis", function()
  it("writes commands with the length of each word", function()
    assert.equal("*2\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n", resp.encode { "GET", "a\r\nb" })
  end)

  it("reads every kind of reply", function()
    assert.same({ true, "OK" }, { read "+OK\r\n" })
    assert.same({ false, "ERR no" }, { read "-ERR no\r\n" })
    assert.same({ true, -7 }, { read ":-7\r\n" })
    assert.same({ true, "a\r\nb" }, { read "$4\r\na\r\nb\r\n" })
    assert.same({ true, false }, { read "$-1\r\n" })
    assert.same({ true, false }, { read "*-1\r\n" })
    assert.same({ true, { 1, "x", { false } } }, { read "*3\r\n:1\r\n$1\r\nx\r\n*1\r\n$-1\r\n" })
  end)

  it("refuses what is no reply, and what is too large or too deep", function()
    for _, bytes in ipairs { "", "HTTP/1.1 400 Bad Request\r\n", "$9999999999\r\n", "$5\r\nab\r\n",
      "*2\r\n:1\r\n",
      ("*1\r\n"):rep(20) .. ":1\r\n", "$x\r\n" } do
      local ok, problem = read(bytes)
      assert.is_nil(ok, bytes)
      assert.equal("string", type(problem))
    end
  end)
end)

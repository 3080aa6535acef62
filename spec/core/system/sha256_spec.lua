local journal = require "patchbay.core".journal

-- FIPS 180-4's examples and those of NIST's test vectors for byte-oriented messages.
local vectors = {
  { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
  { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
  { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrs"
    .. "mnopqrstnopqrstu", "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
  { "\189", "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b" },
  { "\201\140\142\085", "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504" },
}

-- Zeros, around the lengths at which the padding needs one block more.
local zeros = {
  [55] = "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7",
  [56] = "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb",
  [57] = "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785",
  [64] = "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b",
  [1000] = "541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53",
}

describe("SHA-256", function()
  it("gives the digests of the standard's examples", function()
    for _, vector in ipairs(vectors) do assert.equal(vector[2], journal.digest(vector[1])) end
  end)

  it("pads every length as the standard says", function()
    for length, digest in pairs(zeros) do assert.equal(digest, journal.digest(("\0"):rep(length))) end
  end)

  it("gives the digest of a million letters", function()
    assert.equal("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
      journal.digest(("a"):rep(1000000)))
  end)

  it("tells texts of every length up to three blocks apart", function()
    local seen = {}
    for length = 0, 192 do
      local digest = journal.digest(("x"):rep(length))
      assert.is_truthy(digest:match "^%x+$" and #digest == 64)
      assert.is_nil(seen[digest])
      seen[digest] = true
    end
  end)

  it("is taken of text alone", function()
    assert.has_error(function() journal.digest(1) end)
    assert.has_error(function() journal.digest() end)
  end)

  it("gives two whole numbers of 52 bits each as marks", function()
    local first, second = journal.marks "abc"
    assert.equal(tonumber "0xba7816bf8f01c", first)
    assert.equal(tonumber "0x414140de5dae2", second)
    assert.same({ first, second }, { journal.marks "abc" })
  end)
end)

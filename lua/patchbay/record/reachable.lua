--- The contexts of clients and collections, of which a script has only the proxies.

local reachable = {}

-- Proxy of a client or a collection -> the client's context.
local contexts = setmetatable({}, { __mode = "k" })

--- Registers `proxy`, of a client or a collection, with the client's context.
function reachable.register(proxy, context) contexts[proxy] = context end

--- The context of a client or a collection, given its proxy; nil for other values.
function reachable.context(proxy) return contexts[proxy] end

return reachable

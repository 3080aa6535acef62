-- The vendors the sandbox plays. A vendor is a module with
--   name          the key of its options and of its credentials
--   options       its options (see options.lua)
--   owns(path)    whether a path is this vendor's
--   new(context)  one account: context has options, clock() and random; returns an object with
--     answer(call)     the answer to a call (see http.lua)
--     failure(status)  an error answer in the vendor's own shape
--                      (account.lua has both, for classes that say what is the vendor's own)
--     state()          what is stored
--     credentials      in the client's option names
--     environment      the same, as the environment variables the client reads
return {
  (require "patchbay.sandbox.telegent"),
  (require "patchbay.sandbox.convirza"),
  (require "patchbay.sandbox.crazytel"),
}

-- What busted loads before the specs.
require "spec.support.secrets_watch"

-- busted loads this file before the specs.
require "spec.support.secrets_watch"

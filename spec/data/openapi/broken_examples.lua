-- Examples that break the rules of their own documents: "METHOD /path: field: rule". Each was looked at.

return {
  ["trunks_31"] = {
    "PATCH /trunks/{trunk_id}: codecs: expected \"OPUS\", \"PCMU\" or \"PCMA\", got \"G711\"",
  },
  ["telnyx"] = {
    "PATCH /phone_numbers/{id}: id: it is read-only",
    "PATCH /sim_card_data_usage_notifications/{id}: created_at: it is read-only",
    "PATCH /sim_card_data_usage_notifications/{id}: id: it is read-only",
    "PATCH /sim_card_data_usage_notifications/{id}: updated_at: it is read-only",
  },
  ["twilio_api_v2010"] = {
    "POST /2010-04-01/Accounts/{AccountSid}/Calls.json: IfMachine: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls.json: MachineDetectionEngine: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls.json: MachineDetectionMaxNumOfWords: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls.json: MachineDetectionMaxWordLength: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls.json: MachineDetectionMinWordLength: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls.json: MachineDetectionSilenceThreshold: no "
      .. "field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls.json: MachineDetectionWordsSilence: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls.json: Method: expected \"GET\" or \"POST\", got \"\"",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls.json: Record: expected a boolean, got the "
      .. "string \"true\"; write true",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls.json: Transcribe: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls.json: TranscriptionConfiguration: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls.json: Url: expected an absolute URI such as "
      .. "https://example.com/path, got \"\"",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json: ChargeAmount: "
      .. "expected a number, got the string \"12.00\"; write 12.00",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings.json: PlayBeep: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings.json: Transcribe: no "
      .. "field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings.json: "
      .. "TranscriptionConfiguration: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings/{Sid}.json: PlayBeep: "
      .. "no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Siprec.json: StatusCallbackMethod: "
      .. "expected \"GET\" or \"POST\", got \"PUT\"",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Streams.json: "
      .. "StatusCallbackMethod: expected \"GET\" or \"POST\", got \"PUT\"",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Streams.json: Url: expected an "
      .. "absolute URI such as https://example.com/path, got \"myUrl\"; the scheme (such as https://) is missing",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Transcriptions.json: "
      .. "StatusCallbackMethod: expected \"GET\" or \"POST\", got \"PUT\"",
    "POST /2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json: StatusCallbackUrl: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Participants.json: "
      .. "MachineDetectionEngine: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Participants.json: "
      .. "MachineDetectionMaxNumOfWords: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Participants.json: "
      .. "MachineDetectionMaxWordLength: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Participants.json: "
      .. "MachineDetectionMinWordLength: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Participants.json: "
      .. "MachineDetectionSilenceThreshold: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Participants.json: "
      .. "MachineDetectionWordsSilence: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Participants.json: "
      .. "StatusCallbackEvent: expected a list, got the string \"ringing\"; write a list: { \"…\" }",
    "POST "
      .. "/2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Participants/{CallSid}.json: Hold: expected a boolean, got the string \"true\"; write true",
    "POST "
      .. "/2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Participants/{CallSid}.json: Muted: expected a boolean, got the string \"true\"; write true",
    "POST /2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Recordings/{Sid}.json: "
      .. "PlayBeep: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json: VoiceCallerIdLookup: "
      .. "expected a boolean, got the string \"true\"; write true",
    "POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json: "
      .. "VoiceCallerIdLookup: expected a boolean, got the string \"true\"; write true",
    "POST /2010-04-01/Accounts/{AccountSid}/Messages.json: Tags: no field of this name",
    "POST /2010-04-01/Accounts/{AccountSid}/SIP/Domains.json: VoiceFallbackUrl: expected an "
      .. "absolute URI such as https://example.com/path, got \"\"",
    "POST /2010-04-01/Accounts/{AccountSid}/SIP/Domains.json: VoiceStatusCallbackUrl: expected "
      .. "an absolute URI such as https://example.com/path, got \"\"",
    "POST /2010-04-01/Accounts/{AccountSid}/SIP/Domains/{Sid}.json: VoiceFallbackUrl: expected "
      .. "an absolute URI such as https://example.com/path, got \"\"",
    "POST /2010-04-01/Accounts/{AccountSid}/SIP/Domains/{Sid}.json: VoiceStatusCallbackUrl: "
      .. "expected an absolute URI such as https://example.com/path, got \"\"",
    "POST /2010-04-01/Accounts/{Sid}.json: Status: expected \"active\", \"suspended\" or \"closed\", "
      .. "got \"1\"",
  },
  ["wazo-confd"] = {
    "PUT /callfilters/{callfilter_id}/fallbacks: noanswer_destination: no such field",
    "PUT /groups/{group_uuid}/fallbacks: congestion_destination: no such field",
    "PUT /groups/{group_uuid}/fallbacks: noanswer_destination: no such field",
    "PUT /incalls/{incall_id}: destination: no such field",
    "PUT /incalls/{incall_id}: id: it is read-only",
    "PUT /ivr/{ivr_id}: abort_destination: no such field; did you mean \"group\"?",
    "PUT /ivr/{ivr_id}: choices: no such field",
    "PUT /queues/{queue_id}/fallbacks: busy_destination: no such field; did you mean \"group\"?",
    "PUT /queues/{queue_id}/fallbacks: congestion_destination: no such field",
    "PUT /queues/{queue_id}/fallbacks: fail_destination: no such field",
    "PUT /queues/{queue_id}/fallbacks: noanswer_destination: no such field",
    "PUT /switchboards/{switchboard_uuid}/fallbacks: noanswer_destination: no such field",
    "PUT /users/{user_id}/fallbacks: busy_destination: no such field; did you mean \"group\"?",
    "PUT /users/{user_id}/fallbacks: congestion_destination: no such field",
    "PUT /users/{user_id}/fallbacks: fail_destination: no such field",
    "PUT /users/{user_id}/fallbacks: noanswer_destination: no such field",
  },
}

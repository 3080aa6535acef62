--- Text of at most `longest` bytes, with an ellipsis where it is cut, between two characters of UTF-8.
return function(text, longest)
  if #text <= longest then return text end
  -- Without the last character where it is cut in two.
  return text:sub(1, longest):gsub("[\192-\255][\128-\191]*$", "") .. "…"
end

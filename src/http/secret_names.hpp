// Which names of parameters, JSON members and headers tell that the value is a secret, and such
// names in text.
#pragma once

#include <string>
#include <string_view>

namespace bb::http {

// Of a query or form parameter or a JSON member: client_secret, access_token, code, state, ...
bool is_secret_name(std::string_view name);

// Of a header: Authorization, Set-Cookie, X-Slack-Signature, ...
bool is_secret_header(std::string_view name);

// `state` and `code` are also everyday members of JSON ({"state": "open"}): a short word there is
// no secret.
bool is_plain_word(std::string_view name, std::string_view value);

// `***` after each `secret_name=`, `"secret_name":` and in `://user@`, also where the text is cut
// off in the middle.
std::string hide_named(std::string_view text);

}  // namespace bb::http

// What a request to the Web API asks for, from query, form or JSON. Internal to the simulator.
#pragma once

#include <boost/json/object.hpp>
#include <expected>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace bb::sim::slack_request {

// The arguments of a request, or the word for what is wrong with it.
std::expected<boost::json::object, std::string> read_arguments(const http::Request& request,
                                                               std::string_view method);

// From the Authorization header, else from the arguments; empty if there is none.
std::string token_of(const http::Request& request, const boost::json::object& arguments);

}  // namespace bb::sim::slack_request

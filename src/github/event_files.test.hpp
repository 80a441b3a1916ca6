// Files of events as tests write them, and what reading them gives.
#pragma once

#include <doctest/doctest.h>
#include <zlib.h>

#include <sstream>
#include <string>
#include <vector>

#include "github/event_stream.hpp"

namespace bb::github {

struct Outcome {
  StreamCounts counts;
  std::vector<std::string> ids;
  std::vector<std::string> rejections;  // "position: message"
  std::uint64_t octets = 0;
};

inline Outcome read(const std::string& text) {
  Outcome outcome;
  std::istringstream in(text);
  outcome.counts =
      read_events(in, {.on_event = [&](const Event& event) { outcome.ids.push_back(event.id); },
                       .on_rejected =
                           [&](const std::string& position, const Error& error) {
                             outcome.rejections.push_back(position + ": " + error.message);
                           },
                       .on_progress = [&](std::uint64_t octets) { outcome.octets = octets; }});
  CHECK(outcome.counts.events == outcome.ids.size());
  CHECK(outcome.counts.rejected == outcome.rejections.size());
  return outcome;
}

inline std::string event(int id, const std::string& payload = R"({"action":"started"})") {
  return R"({"id":")" + std::to_string(id) +
         R"(","type":"WatchEvent","actor":{"id":1,"login":"octocat"},"repo":{"id":2,"name":"o/r"},)"
         R"("payload":)" +
         payload + R"(,"public":true,"created_at":"2026-08-09T10:11:12Z"})";
}

// As jq and json.dumps(indent=2) write it, indented by `indent`.
inline std::string pretty_event(int id, const std::string& indent) {
  return indent + "{\n" + indent + R"(  "id": ")" + std::to_string(id) + "\",\n" + indent +
         "  \"type\": \"WatchEvent\",\n" + indent + "  \"actor\": {\n" + indent +
         "    \"id\": 1,\n" + indent + "    \"login\": \"octocat\"\n" + indent + "  },\n" + indent +
         "  \"repo\": \"o/r\",\n" + indent + "  \"created_at\": \"2026-08-09T10:11:12Z\"\n" +
         indent + "}";
}

inline std::string gzip(const std::string& text) {
  z_stream stream = {};
  REQUIRE(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8,
                       Z_DEFAULT_STRATEGY) == Z_OK);
  std::string result(deflateBound(&stream, text.size()) + 64, '\0');
  std::string input = text;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

using Ids = std::vector<std::string>;

}  // namespace bb::github

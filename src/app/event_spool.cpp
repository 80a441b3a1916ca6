#include "app/event_spool.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/text.hpp"

namespace bb::app {
namespace {

constexpr std::size_t max_buffer_bytes = 4UZ * 1024 * 1024;

// Precedes each body, in the machine's own layout: the file never outlives the process.
struct Head {
  std::uint64_t person = 0;
  std::uint64_t identity = 0;
  std::int64_t milliseconds = 0;
  std::uint64_t body_bytes = 0;
};

[[noreturn]] void fail_io(int code) {
  throw std::system_error(code, std::generic_category(), "temporary file for events");
}

void append_field(std::string& body, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::array<char, sizeof(size)> octets{};
  std::memcpy(octets.data(), &size, sizeof(size));
  body.append(octets.data(), octets.size());
  body += text;
}

std::string take_field(std::string_view& body) {
  std::uint32_t size = 0;
  std::memcpy(&size, body.data(), sizeof(size));
  std::string text(body.substr(sizeof(size), size));
  body.remove_prefix(sizeof(size) + size);
  return text;
}

std::uint64_t hash(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

}  // namespace

std::uint64_t EventSpool::key_of(std::string_view login) {
  return hash(to_lower(login));
}

void EventSpool::add(const github::Event& event) {
  github::Facts facts = event.facts;
  if (!event.id.empty()) {
    facts.url.clear();  // links are made from the repository; only events without id are told apart
                        // by it
  }
  std::string body;
  for (const std::string_view text :
       {std::string_view(event.id), std::string_view(event.type), std::string_view(event.login),
        std::string_view(event.repo)}) {
    append_field(body, text);
  }
  append_field(body, github::to_json(facts));
  Head head{.person = key_of(event.login),
            .identity = hash(event.id.empty() ? body : event.id),
            .milliseconds = event.created_at.time_since_epoch().count(),
            .body_bytes = body.size()};
  if (event.id.empty()) {
    head.identity ^= hash(std::to_string(head.milliseconds));
  }
  std::array<char, sizeof(head)> octets{};
  std::memcpy(octets.data(), &head, sizeof(head));
  buffer_.append(octets.data(), octets.size());
  buffer_ += body;
  if (buffer_.size() > max_buffer_bytes) {
    flush();
  }
}

void EventSpool::flush() {
  if (!file_) {
    file_.reset(std::tmpfile());
    if (!file_) {
      fail_io(errno);
    }
  }
  if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size()) {
    fail_io(errno);
  }
  buffer_.clear();
}

void EventSpool::visit(const std::function<void(const Entry&)>& visitor) {
  const auto visit_one = [&](const Head& head, std::string_view body) {
    visitor({.person = head.person,
             .identity = head.identity,
             .created_at = TimePoint(std::chrono::milliseconds(head.milliseconds)),
             .body = body});
  };
  Head head;
  if (file_) {
    flush();
    std::rewind(file_.get());
    std::string body;
    while (std::fread(&head, sizeof(head), 1, file_.get()) == 1) {
      body.resize(head.body_bytes);
      if (std::fread(body.data(), 1, body.size(), file_.get()) != body.size()) {
        fail_io(EIO);
      }
      visit_one(head, body);
    }
    std::fseek(file_.get(), 0, SEEK_END);
    return;
  }
  for (std::string_view rest = buffer_; !rest.empty(); rest.remove_prefix(head.body_bytes)) {
    std::memcpy(&head, rest.data(), sizeof(head));
    rest.remove_prefix(sizeof(head));
    visit_one(head, rest.substr(0, head.body_bytes));
  }
}

github::Event EventSpool::decode(const Entry& entry) {
  std::string_view body = entry.body;
  github::Event event;
  event.id = take_field(body);
  event.type = take_field(body);
  event.login = take_field(body);
  event.repo = take_field(body);
  event.facts = github::parse_facts(take_field(body)).value();
  event.created_at = entry.created_at;
  return event;
}

}  // namespace bb::app

#include "sim/slack.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/guarded.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "sim/local_server.hpp"
#include "sim/slack_events.hpp"
#include "sim/slack_request.hpp"
#include "sim/slack_state.hpp"

namespace bb::sim {
namespace {

using boost::json::object;
using boost::json::value;
using slack_request::read_arguments;
using slack_request::token_of;

http::Response json_answer(const object& body) {
  return http::json_response(200, boost::json::serialize(body));
}

}  // namespace

struct Slack::Inner {
  Inner(const Clock& its_clock, Random& its_random, SlackOptions its_options)
      : clock(its_clock),
        random(its_random),
        options(std::move(its_options)),
        sender(clock, options),
        state(SlackState{.options = options}),
        server(clock, random) {}

  http::Response answer(const http::Request& request);
  http::Response apply(const http::Request& request, const std::string& method);
  void announce(const std::vector<SlackMessage>& messages);
  Delivery deliver(const std::string& event_id, const std::string& body);
  void attempt(PendingDelivery& pending, const std::string& target);

  const Clock& clock;
  Random& random;
  const SlackOptions options;
  EventSender sender;
  Guarded<SlackState> state;
  LocalServer server;
};

http::Response Slack::Inner::answer(const http::Request& request) {
  constexpr std::string_view prefix = "/api/";
  if (!request.path.starts_with(prefix)) {
    return http::html_response(404, "<!DOCTYPE html><title>Slack</title><h1>Page not found</h1>");
  }
  const std::string method = request.path.substr(prefix.size());
  FaultSource source;
  std::optional<Fault> fault = state.with([&](SlackState& slack) {
    ++slack.calls[method];
    source = slack.fault_source;
    return slack.faults.take(method);
  });
  if (!fault && source) {
    fault = source(method);
  }
  if (!fault) {
    return apply(request, method);
  }
  return answer_with(
      *fault, server.hold(), [&] { return apply(request, method); },
      [](std::string_view word) { return boost::json::serialize(slack_error(word)); });
}

http::Response Slack::Inner::apply(const http::Request& request, const std::string& method) {
  if (!is_web_api_method(method)) {
    object error = slack_error("unknown_method");
    error["req_method"] = method;
    return json_answer(error);
  }
  const auto arguments = read_arguments(request, method);
  if (!arguments) {
    return json_answer(slack_error(arguments.error()));
  }
  const std::string token = token_of(request, *arguments);
  if (token.empty()) {
    return json_answer(slack_error("not_authed"));
  }
  if (token != options.bot_token.reveal()) {
    return json_answer(slack_error("invalid_auth"));
  }
  SlackCall call{.method = method, .arguments = *arguments};
  call.arguments.erase("token");
  std::vector<SlackMessage> stored;
  const object body =
      state.with([&](SlackState& slack) { return call_web_api(slack, call, clock.now(), stored); });
  announce(stored);
  return json_answer(body);
}

void Slack::Inner::announce(const std::vector<SlackMessage>& messages) {
  for (const SlackMessage& message : messages) {
    const auto call = state.with([&](SlackState& slack) {
      if (options.echo_bot_messages && message.from_bot &&
          slack.find_direct_user(message.channel) != nullptr) {
        const std::string id = sender.make_event_id(random);
        slack.pending.push_back(
            {.delivery = {.event_id = id, .attempts = {}},
             .body = envelope(slack, direct_message_event(slack, message, ""), id, clock.now()),
             .due = clock.now(),
             .reason = {}});
      }
      return slack.on_message;
    });
    if (call) {
      call(message);
    }
  }
}

void Slack::Inner::attempt(PendingDelivery& pending, const std::string& target) {
  const int retry = static_cast<int>(pending.delivery.attempts.size());
  const Attempted attempted = sender.attempt(target, pending.body, retry, pending.reason);
  pending.delivery.attempts.push_back(
      {.retry = retry, .reason = pending.reason, .status = attempted.status});
  pending.delivery.accepted = attempted.accepted;
  pending.reason = attempted.reason;
  if (attempted.accepted || attempted.no_retry) {
    return;
  }
  if (const auto wait = EventSender::wait_before_retry(retry + 1)) {
    pending.due = clock.now() + *wait;
    state.with([&](SlackState& slack) { slack.pending.push_back(pending); });
  }
}

Delivery Slack::Inner::deliver(const std::string& event_id, const std::string& body) {
  const std::string target = state.with([](const SlackState& slack) { return slack.target; });
  PendingDelivery pending{.delivery = {.event_id = event_id, .attempts = {}},
                          .body = body,
                          .due = clock.now(),
                          .reason = {}};
  attempt(pending, target);
  if (pending.delivery.accepted) {
    return pending.delivery;
  }
  // The first retry follows at once, unless the answer asked for none.
  const bool is_waiting = state.with([&](SlackState& slack) {
    return std::erase_if(slack.pending, [&](const PendingDelivery& other) {
             return other.delivery.event_id == event_id;
           }) > 0;
  });
  if (is_waiting) {
    attempt(pending, target);
  }
  return pending.delivery;
}

Slack::Slack(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}

Slack::~Slack() {
  stop();
}

Result<std::unique_ptr<Slack>> Slack::start(const Clock& clock, Random& random,
                                            SlackOptions options) {
  auto inner = std::make_unique<Inner>(clock, random, std::move(options));
  const auto started = inner->server.start(
      "Slack", [raw = inner.get()](const http::Request& request) { return raw->answer(request); });
  if (!started) {
    return fail(started.error());
  }
  return std::unique_ptr<Slack>(new Slack(std::move(inner)));
}

void Slack::stop() {
  inner_->server.stop();
}

std::string Slack::url() const {
  return inner_->server.url() + "/api";
}

const SlackOptions& Slack::options() const {
  return inner_->options;
}

std::string Slack::add_user(std::string name, std::string id) {
  return inner_->state.with([&](SlackState& slack) {
    slack.users.push_back(
        {.id = id.empty() ? slack.make_id('U') : std::move(id), .name = std::move(name)});
    return slack.users.back().id;
  });
}

void Slack::make_admin(const std::string& user) {
  inner_->state.with([&](SlackState& slack) {
    std::ranges::find(slack.users, user, &SlackUser::id)->is_admin = true;
  });
}

std::string Slack::add_channel(SlackChannel channel) {
  return inner_->state.with([&](SlackState& slack) {
    if (channel.id.empty()) {
      channel.id = slack.make_id(channel.is_private ? 'G' : 'C');
    }
    slack.channels.push_back(std::move(channel));
    return slack.channels.back().id;
  });
}

void Slack::change_channel(const std::string& id,
                           const std::function<void(SlackChannel&)>& change) {
  inner_->state.with([&](SlackState& slack) {
    for (SlackChannel& channel : slack.channels) {
      if (channel.id == id) {
        change(channel);
      }
    }
  });
}

std::string Slack::direct_channel(const std::string& user) {
  return inner_->state.with([&](SlackState& slack) { return slack.open_direct(user); });
}

void Slack::add_fault(const std::string& method, Fault fault) {
  inner_->state.with([&](SlackState& slack) { slack.faults.add(method, std::move(fault)); });
}

void Slack::clear_faults() {
  inner_->state.with([](SlackState& slack) { slack.faults.clear(); });
}

void Slack::draw_faults(FaultSource source) {
  inner_->state.with([&](SlackState& slack) { slack.fault_source = std::move(source); });
}

void Slack::deliver_to(std::string target) {
  inner_->state.with([&](SlackState& slack) { slack.target = std::move(target); });
}

Result<void> Slack::verify_url(const std::string& target) {
  return inner_->sender.verify(target, inner_->random);
}

void Slack::write(const std::string& user, const std::string& channel, std::string_view text) {
  const SlackMessage message = inner_->state.with([&](SlackState& slack) {
    return slack.store({.channel = channel,
                        .ts = slack.make_timestamp(inner_->clock.now()),
                        .user = user,
                        .from_bot = false,
                        .text = escape_mrkdwn(text),
                        .blocks = {},
                        .metadata = {},
                        .arguments = {}});
  });
  inner_->announce({message});
}

Result<Delivery> Slack::say(const std::string& user, std::string_view text) {
  const std::string event_id = inner_->sender.make_event_id(inner_->random);
  std::string body;
  SlackMessage message;
  const bool is_known = inner_->state.with([&](SlackState& slack) {
    if (slack.find_user(user) == nullptr) {
      return false;
    }
    message = slack.store({.channel = slack.open_direct(user),
                           .ts = slack.make_timestamp(inner_->clock.now()),
                           .user = user,
                           .from_bot = false,
                           .text = escape_mrkdwn(text),
                           .blocks = {},
                           .metadata = {},
                           .arguments = {}});
    const std::string client_message_id = inner_->sender.make_client_message_id(inner_->random);
    body = envelope(slack, direct_message_event(slack, message, client_message_id), event_id,
                    inner_->clock.now());
    return true;
  });
  if (!is_known) {
    return fail(ErrorCode::not_found, "no member of the simulated team has the id " + user);
  }
  inner_->announce({message});
  return inner_->deliver(event_id, body);
}

Result<Delivery> Slack::deliver_event(std::string_view event) {
  const Result<value> parsed = json::parse(event);
  if (!parsed) {
    return fail(parsed.error());
  }
  if (!parsed->is_object()) {
    return fail(ErrorCode::invalid_input, "an event is a JSON object");
  }
  const std::string event_id = inner_->sender.make_event_id(inner_->random);
  const std::string body = inner_->state.with([&](const SlackState& slack) {
    return envelope(slack, parsed->get_object(), event_id, inner_->clock.now());
  });
  return inner_->deliver(event_id, body);
}

std::vector<Delivery> Slack::tick() {
  const TimePoint now = inner_->clock.now();
  std::vector<PendingDelivery> due;
  std::string target;
  inner_->state.with([&](SlackState& slack) {
    target = slack.target;
    std::vector<PendingDelivery> later;
    for (PendingDelivery& pending : slack.pending) {
      (pending.due <= now ? due : later).push_back(std::move(pending));
    }
    slack.pending = std::move(later);
  });
  std::vector<Delivery> deliveries;
  for (PendingDelivery& pending : due) {
    inner_->attempt(pending, target);
    deliveries.push_back(pending.delivery);
  }
  return deliveries;
}

Result<http::Response> Slack::deliver_raw(const std::string& body, const http::Headers& headers) {
  const std::string target =
      inner_->state.with([](const SlackState& slack) { return slack.target; });
  return inner_->sender.post(target, body, headers);
}

http::Headers Slack::signed_headers(std::string_view body, std::chrono::seconds age) const {
  return inner_->sender.signed_headers(body, age);
}

void Slack::on_message(std::function<void(const SlackMessage&)> call) {
  inner_->state.with([&](SlackState& slack) { slack.on_message = std::move(call); });
}

std::vector<SlackMessage> Slack::messages(const std::string& channel) const {
  return inner_->state.with([&](const SlackState& slack) {
    const auto found = slack.messages.find(channel);
    return found == slack.messages.end() ? std::vector<SlackMessage>{} : found->second;
  });
}

std::vector<SlackMessage> Slack::replies(const std::string& channel,
                                         const std::string& thread) const {
  std::vector<SlackMessage> found = messages(channel);
  std::erase_if(found, [&](const SlackMessage& message) { return message.thread != thread; });
  return found;
}

std::vector<SlackMessage> Slack::dm_messages(const std::string& user) const {
  const std::string channel = inner_->state.with([&](const SlackState& slack) {
    const auto found = slack.direct_channels.find(user);
    return found == slack.direct_channels.end() ? std::string() : found->second;
  });
  return messages(channel);
}

std::optional<std::string> Slack::find_user(std::string_view name) const {
  return inner_->state.with([&](const SlackState& slack) -> std::optional<std::string> {
    for (const SlackUser& user : slack.users) {
      if (equals_ignoring_case(user.name, name)) {
        return user.id;
      }
    }
    return std::nullopt;
  });
}

std::optional<std::string> Slack::find_channel(std::string_view name) const {
  return inner_->state.with([&](const SlackState& slack) -> std::optional<std::string> {
    const SlackChannel* channel = slack.find_channel(name);
    return channel == nullptr ? std::nullopt : std::optional(channel->id);
  });
}

Names Slack::names() const {
  return inner_->state.with([&](const SlackState& slack) {
    Names names;
    names.users.emplace(slack.options.bot_user_id, slack.options.bot_name);
    for (const SlackUser& user : slack.users) {
      names.users.emplace(user.id, user.name);
    }
    for (const SlackChannel& channel : slack.channels) {
      names.channels.emplace(channel.id, channel.name);
    }
    return names;
  });
}

std::size_t Slack::calls(std::string_view method) const {
  return inner_->state.with([&](const SlackState& slack) {
    const auto found = slack.calls.find(method);
    return found == slack.calls.end() ? std::size_t{0} : found->second;
  });
}

}  // namespace bb::sim

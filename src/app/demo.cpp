#include "app/demo.hpp"

#include <stdlib.h>

#include <algorithm>
#include <boost/json.hpp>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <filesystem>
#include <mutex>
#include <string>

#include "app/api_tokens.hpp"
#include "app/app.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "sim/github.hpp"
#include "sim/slack.hpp"
#include "sim/story.hpp"

namespace bb::app {
namespace {

constexpr std::chrono::seconds longest_wait(15);

class DemoFolder {
 public:
  DemoFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "busy-beaver-demo-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error(
          "cannot make a temporary folder; set TMPDIR to one that is writable");
    }
    path_ = name;
  }
  ~DemoFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  DemoFolder(const DemoFolder&) = delete;
  DemoFolder& operator=(const DemoFolder&) = delete;

  [[nodiscard]] std::string database_uri() const {
    return "sqlite:" + (path_ / "demo.db").string();
  }

 private:
  std::filesystem::path path_;
};

// Ctrl-C ends the prompt instead of the process, so that the temporary folder is removed.
class EndPromptOnInterrupt {
 public:
  EndPromptOnInterrupt() {
    struct sigaction action{};
    action.sa_handler = [](int) {};  // without SA_RESTART the read of the prompt ends
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &previous_);
  }
  ~EndPromptOnInterrupt() { sigaction(SIGINT, &previous_, nullptr); }
  EndPromptOnInterrupt(const EndPromptOnInterrupt&) = delete;
  EndPromptOnInterrupt& operator=(const EndPromptOnInterrupt&) = delete;

 private:
  struct sigaction previous_{};
};

// Messages of the simulated Slack, handed from the threads that cause them to the one that shows
// them.
class Conversation {
 public:
  void add(const sim::SlackMessage& message) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(message);
    }
    arrived_.notify_one();
  }

  // The next message; nothing if none comes in time.
  std::optional<sim::SlackMessage> next(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, at_most, [this] { return !waiting_.empty(); })) {
      return std::nullopt;
    }
    sim::SlackMessage message = std::move(waiting_.front());
    waiting_.pop_front();
    return message;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<sim::SlackMessage> waiting_;
};

// The address behind the first button of a message.
std::optional<std::string> button_url(const sim::SlackMessage& message) {
  const auto blocks = json::parse(message.blocks);
  if (!blocks || !blocks->is_array()) {
    return std::nullopt;
  }
  for (const boost::json::value& block : blocks->get_array()) {
    const boost::json::array* elements = json::array(block, "elements");
    if (elements != nullptr && !elements->empty()) {
      if (auto url = json::string(elements->front(), "url")) {
        return url;
      }
    }
  }
  return std::nullopt;
}

class Demo {
 public:
  Demo(const DemoOptions& options, std::istream& in, std::ostream& out)
      : options_(options), in_(in), out_(out) {}

  Result<void> run();

 private:
  Result<void> start();
  void tell();
  void prompt();
  void say(const sim::StoryMember& member, std::string_view text);
  void connect(const sim::StoryMember& member);
  void press_button(const sim::StoryMember& member, const std::string& url);
  void summarise();
  bool is_posted(const std::string& job);
  std::optional<sim::SlackMessage> show_until_answer(std::string_view channel);
  void show(const sim::SlackMessage& message);
  void narrate(std::string_view text);
  void show_cast();

  DemoOptions options_;
  std::istream& in_;
  std::ostream& out_;
  SystemClock clock_;
  SystemRandom random_;
  DemoFolder folder_;
  Conversation conversation_;
  std::unique_ptr<sim::Slack> slack_;
  std::unique_ptr<sim::GitHub> github_;
  sim::Story story_;
  std::unique_ptr<http::Client> browser_ =
      http::make_curl_client({.user_agent = "busy-beaver demo"});
  std::unique_ptr<App> app_;
  http::Headers api_headers_;
};

Result<void> Demo::start() {
  auto slack = sim::Slack::start(clock_, random_);
  if (!slack) {
    return fail(slack.error().within("starting the simulated Slack"));
  }
  slack_ = *std::move(slack);
  auto github = sim::GitHub::start(clock_, random_);
  if (!github) {
    return fail(github.error().within("starting the simulated GitHub"));
  }
  github_ = *std::move(github);
  story_ = sim::tell_story(*slack_, *github_, clock_);

  // A name that only the demo's own browser knows: the port is not known before the start.
  const std::string base_url = "http://busy-beaver.demo";
  github_->add_redirect_uri(base_url + "/github-integration");
  Config config;
  config.database_uri = folder_.database_uri();
  config.slack = {.api_url = slack_->url(),
                  .bot_token = slack_->options().bot_token,
                  .signing_secret = slack_->options().signing_secret};
  config.github = {.api_url = github_->api_url(),
                   .web_url = github_->web_url(),
                   .client_id = github_->options().client_id,
                   .client_secret = github_->options().client_secret};
  config.base_url = base_url;
  config.listen_address = "127.0.0.1";
  config.port = 0;
  config.job_workers = 2;
  auto app = App::start(config, clock_, random_);
  if (!app) {
    return fail(app.error());
  }
  app_ = *std::move(app);
  slack_->deliver_to("http://127.0.0.1:" + std::to_string(app_->port()) +
                     "/slack-event-subscription");
  slack_->on_message([this](const sim::SlackMessage& message) { conversation_.add(message); });
  const auto database = storage::open(config.database_uri);
  if (!database) {
    return fail(database.error());
  }
  const Result<Secret> token = create_token(**database, "organizer", "admin", clock_, random_);
  if (!token) {
    return fail(token.error());
  }
  api_headers_ = {{"Authorization", "token " + token->reveal()},
                  {"Content-Type", "application/json"}};
  return {};
}

Result<void> Demo::run() {
  if (const Result<void> started = start(); !started) {
    return started;
  }
  tell();
  if (!options_.once) {
    prompt();
  }
  app_->stop();
  slack_->stop();
  github_->stop();
  return {};
}

void Demo::tell() {
  narrate("Busy Beaver, the real one, in a simulated Slack and GitHub. No network, no account.");
  sim::chat_in_general(*slack_, story_);
  while (const auto message = conversation_.next(std::chrono::milliseconds(0))) {
    show(*message);
  }
  for (const sim::StoryMember& member : story_.connecting) {
    connect(member);
  }
  narrate(
      "The organizer asks for today's summary: POST /github-summary {\"channel\": "
      "\"github-activity\"}");
  summarise();
}

void Demo::connect(const sim::StoryMember& member) {
  narrate(member.name + " (" + member.about + ") writes to Busy Beaver:");
  say(member, "connect");
}

// What the member wrote, and all that follows from it.
void Demo::say(const sim::StoryMember& member, std::string_view text) {
  const Result<sim::Delivery> delivery = slack_->say(member.user, text);
  if (!delivery || !delivery->accepted) {
    narrate("The bot did not take the message.");
    return;
  }
  const auto answer = show_until_answer(slack_->direct_channel(member.user));
  if (answer) {
    if (const auto url = button_url(*answer)) {
      press_button(member, *url);
    }
  }
}

void Demo::press_button(const sim::StoryMember& member, const std::string& url) {
  narrate(member.name + " presses the button, and says yes at GitHub as " + member.login + ":");
  const Result<std::string> location = github_->authorize(url, member.login);
  if (!location) {
    narrate("GitHub refused: " + location.error().message);
    return;
  }
  const std::size_t path = location->find('/', std::string_view("http://").size());
  const auto page = browser_->send(
      {.url = "http://127.0.0.1:" + std::to_string(app_->port()) + location->substr(path)});
  if (!page || page->status != 200) {
    narrate("The bot's page said that it did not work.");
  }
  show_until_answer(slack_->direct_channel(member.user));
}

void Demo::summarise() {
  const auto response =
      browser_->send({.method = "POST",
                      .url = "http://127.0.0.1:" + std::to_string(app_->port()) + "/github-summary",
                      .headers = api_headers_,
                      .body = R"({"channel": "github-activity"})"});
  if (!response || response->status != 202) {
    narrate("The bot did not accept the request.");
    return;
  }
  const auto body = json::parse(response->body);
  const std::string job = body ? json::string(*body, "data.job_id").value_or("") : "";
  // Its members follow in the thread of the first message, a second apart.
  if (show_until_answer(story_.activity_channel)) {
    while (!is_posted(job)) {
      if (const auto message = conversation_.next(std::chrono::milliseconds(200))) {
        show(*message);
      }
    }
    while (const auto message = conversation_.next(std::chrono::milliseconds(0))) {
      show(*message);
    }
  }
}

bool Demo::is_posted(const std::string& job) {
  const auto response =
      browser_->send({.url = "http://127.0.0.1:" + std::to_string(app_->port()) + "/jobs/" + job,
                      .headers = api_headers_});
  const auto body =
      response ? json::parse(response->body) : Result<boost::json::value>(fail(response.error()));
  const std::string state = body ? json::string(*body, "data.state").value_or("") : "";
  return state != "ready" && state != "running";
}

// Shows messages as they come, up to the bot's next one in `channel`, which it returns.
std::optional<sim::SlackMessage> Demo::show_until_answer(std::string_view channel) {
  while (auto message = conversation_.next(longest_wait)) {
    show(*message);
    if (message->from_bot && message->channel == channel) {
      return message;
    }
  }
  narrate("No answer came. LOG_LEVEL=debug shows why.");
  return std::nullopt;
}

void Demo::show(const sim::SlackMessage& message) {
  const sim::Names names = slack_->names();
  const auto channel = names.channels.find(message.channel);
  const std::string place =
      channel != names.channels.end() ? "#" + channel->second : "direct message";
  out_ << (options_.color ? "\x1B[2m" : "") << "  " << place << (options_.color ? "\x1B[0m" : "")
       << "\n";
  const std::string text =
      sim::show_message(message, names, options_.color ? sim::Ansi::always : sim::Ansi::never);
  std::string_view lines = text;
  lines.remove_suffix(1);  // the last newline, but not the indentation of a reply
  for (const std::string_view line : split(lines, '\n')) {
    out_ << "  " << line << "\n";
  }
  out_ << "\n" << std::flush;
}

void Demo::narrate(std::string_view text) {
  out_ << (options_.color ? "\x1B[36m" : "") << "-- " << text << (options_.color ? "\x1B[0m" : "")
       << "\n\n"
       << std::flush;
}

void Demo::show_cast() {
  for (const sim::StoryMember& member : story_.members) {
    out_ << "   " << member.name << ": " << member.about << "\n";
  }
  out_ << "\n";
}

void Demo::prompt() {
  narrate(
      "Your turn. What you type goes to Busy Beaver as a direct message: connect, help, ... "
      "Also: summary (post one), as NAME (be somebody else), quit.");
  show_cast();
  const EndPromptOnInterrupt interrupt;
  const sim::StoryMember* me = story_.find("Priya");
  std::string line;
  while (out_ << me->name << "> " << std::flush && std::getline(in_, line)) {
    const std::string_view typed = trim(line);
    if (typed.empty()) {
      continue;
    }
    if (equals_ignoring_case(typed, "quit") || equals_ignoring_case(typed, "exit")) {
      return;
    }
    out_ << "\n";
    if (equals_ignoring_case(typed, "summary")) {
      summarise();
    } else if (equals_ignoring_case(typed, "as") ||
               equals_ignoring_case(typed.substr(0, 3), "as ")) {
      const sim::StoryMember* other = story_.find(trim(typed.substr(2)));
      me = other != nullptr ? other : me;
      if (other == nullptr) {
        narrate("There is nobody of that name:");
        show_cast();
      }
    } else {
      say(*me, to_valid_utf8(typed));
    }
  }
  out_ << "\n";
}

}  // namespace

Result<void> demo(const DemoOptions& options, std::istream& in, std::ostream& out) {
  log::Settings settings = options.log;
  // At the default level the log would drown the story.
  settings.level = settings.level == log::Level::info ? log::Level::warning : settings.level;
  const log::Writer writer(settings);
  Demo story(options, in, out);
  return story.run();
}

}  // namespace bb::app

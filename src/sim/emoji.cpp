#include "sim/emoji.hpp"

#include <array>

namespace bb::sim {
namespace {

struct Emoji {
  std::string_view name;
  std::string_view symbol;
};

// Those that a bot of this kind may use; Slack has thousands.
constexpr std::array emoji = {Emoji{"+1", "👍"},
                              Emoji{"100", "💯"},
                              Emoji{"alarm_clock", "⏰"},
                              Emoji{"arrow_heading_up", "⤴️"},
                              Emoji{"arrow_up", "⬆️"},
                              Emoji{"arrows_counterclockwise", "🔄"},
                              Emoji{"bar_chart", "📊"},
                              Emoji{"beaver", "🦫"},
                              Emoji{"bell", "🔔"},
                              Emoji{"books", "📚"},
                              Emoji{"bug", "🐛"},
                              Emoji{"bulb", "💡"},
                              Emoji{"busts_in_silhouette", "👥"},
                              Emoji{"calendar", "📅"},
                              Emoji{"clap", "👏"},
                              Emoji{"coffee", "☕"},
                              Emoji{"computer", "💻"},
                              Emoji{"construction", "🚧"},
                              Emoji{"exclamation", "❗"},
                              Emoji{"eyes", "👀"},
                              Emoji{"file_folder", "📁"},
                              Emoji{"fork_and_knife", "🍴"},
                              Emoji{"gift", "🎁"},
                              Emoji{"globe_with_meridians", "🌐"},
                              Emoji{"grey_question", "❔"},
                              Emoji{"hammer", "🔨"},
                              Emoji{"hammer_and_wrench", "🛠️"},
                              Emoji{"handshake", "🤝"},
                              Emoji{"hatching_chick", "🐣"},
                              Emoji{"heart", "❤️"},
                              Emoji{"heavy_check_mark", "✔️"},
                              Emoji{"inbox_tray", "📥"},
                              Emoji{"information_source", "ℹ️"},
                              Emoji{"interrobang", "⁉️"},
                              Emoji{"label", "🏷️"},
                              Emoji{"leaves", "🍃"},
                              Emoji{"left_speech_bubble", "🗨️"},
                              Emoji{"link", "🔗"},
                              Emoji{"lock", "🔒"},
                              Emoji{"mag", "🔍"},
                              Emoji{"memo", "📝"},
                              Emoji{"new", "🆕"},
                              Emoji{"no_entry", "⛔"},
                              Emoji{"open_file_folder", "📂"},
                              Emoji{"outbox_tray", "📤"},
                              Emoji{"package", "📦"},
                              Emoji{"pencil", "📝"},
                              Emoji{"pencil2", "✏️"},
                              Emoji{"question", "❓"},
                              Emoji{"robot_face", "🤖"},
                              Emoji{"rocket", "🚀"},
                              Emoji{"satellite_antenna", "📡"},
                              Emoji{"seedling", "🌱"},
                              Emoji{"ship", "🚢"},
                              Emoji{"smile", "😄"},
                              Emoji{"sparkles", "✨"},
                              Emoji{"sparkling_heart", "💖"},
                              Emoji{"speech_balloon", "💬"},
                              Emoji{"star", "⭐"},
                              Emoji{"star2", "🌟"},
                              Emoji{"tada", "🎉"},
                              Emoji{"thinking_face", "🤔"},
                              Emoji{"trident", "🔱"},
                              Emoji{"trophy", "🏆"},
                              Emoji{"twisted_rightwards_arrows", "🔀"},
                              Emoji{"unlock", "🔓"},
                              Emoji{"warning", "⚠️"},
                              Emoji{"wave", "👋"},
                              Emoji{"white_check_mark", "✅"},
                              Emoji{"wood", "🪵"},
                              Emoji{"wrench", "🔧"},
                              Emoji{"x", "❌"},
                              Emoji{"zap", "⚡"},
                              Emoji{"zzz", "💤"}};

}  // namespace

std::string_view find_emoji(std::string_view name) {
  for (const Emoji& known : emoji) {
    if (known.name == name) {
      return known.symbol;
    }
  }
  return {};
}

}  // namespace bb::sim

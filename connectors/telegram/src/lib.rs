//! A Telegram bot.

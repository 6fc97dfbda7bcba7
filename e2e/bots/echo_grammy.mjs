/** Says again whatever it gets, and asks whether that was right. After grammY's guide: its first bot, and inline keyboards. */
import { createRequire } from "node:module";

// Where its packages are somebody says who runs it: an import would look for them beside this file.
const require = createRequire(`${process.env.PACKAGES}/`);
const { Bot, InlineKeyboard } = require("grammy");

const bot = new Bot(process.env.BOT_TOKEN, { client: { apiRoot: process.env.BOT_API } });

bot.on("message:text", (ctx) => {
  const keyboard = new InlineKeyboard().text("Right", "right").text("Wrong", "wrong");
  return ctx.reply(ctx.msg.text, { reply_markup: keyboard });
});

bot.on("callback_query:data", async (ctx) => {
  await ctx.answerCallbackQuery("Thanks");
  await ctx.editMessageText(`That was ${ctx.callbackQuery.data}.`);
});

bot.on("my_chat_member", (ctx) => console.log(ctx.myChatMember.new_chat_member.status, ctx.chat.id));

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => bot.stop());
await bot.start({ onStart: (me) => console.log(`ready as ${me.username}`) });

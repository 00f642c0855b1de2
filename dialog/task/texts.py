"""What the task bot says of its own accord. A flow file overrides a text under ``texts``."""

from __future__ import annotations

from collections.abc import Mapping

from dialog.task.model import Text

DEFAULTS: Mapping[str, Text] = {
    # asking
    "options_none": {
        "zh": "没有找到可以办理{flow}的记录。需要的话我帮您转人工看看。",
        "en": "I found nothing to go on with for this ({flow}). I can bring in a person to have a look.",
    },
    "no_match": {"zh": "没有找到“{said}”对应的，请从下面选一个：", "en": "I couldn't find “{said}”. Please pick one:"},
    "several_match": {
        "zh": "“{said}”对应好几个，您指的是哪一个？",
        "en": "Several fit “{said}”. Which one do you mean?",
    },
    "not_understood": {"zh": "抱歉，我没听明白。{ask}", "en": "Sorry, I didn't get that. {ask}"},
    "examples": {"zh": "比如：{examples}。", "en": "For example: {examples}."},
    "not_optional": {"zh": "这一项必须要有，不然没法往下办。{ask}", "en": "I can't go on without this one. {ask}"},
    "skip": {"zh": "跳过", "en": "Skip"},
    "too_long": {
        "zh": "太长了，请控制在 {max} 个字以内。{ask}",
        "en": "That is too long; {max} characters at most, please. {ask}",
    },
    "too_short": {
        "zh": "太短了，至少要 {min} 个字。{ask}",
        "en": "That is too short; at least {min} characters, please. {ask}",
    },
    "past": {"zh": "这个时间已经过了。{ask}", "en": "That time has passed. {ask}"},
    "which_time": {
        "zh": "{day}的什么时间方便？比如上午，或者下午三点。",
        "en": "What time would suit you ({day})? Say morning, or 3 pm.",
    },
    "why_asked": {
        "zh": "办理{flow}需要这一项。{ask}",
        "en": "I need this for your request ({flow}). {ask}",
    },
    "left_out": {
        "zh": "这一项先空着，确认的时候还可以补。",
        "en": "I'll leave that one out for now; you can still add it when you confirm.",
    },
    "hold": {"zh": "好的，不着急。{ask}", "en": "Sure, take your time. {ask}"},
    # confirming
    "yes": {"zh": "确认", "en": "Yes, go ahead"},
    "change": {"zh": "修改", "en": "Change something"},
    "cancel": {"zh": "不办了", "en": "Cancel it"},
    "which_change": {"zh": "好的，您想改哪一项？", "en": "Sure. What would you like to change?"},
    "changed": {"zh": "好的，{slot}改为{value}。", "en": "Okay, {slot} is now {value}."},
    # stack
    "cancelled": {
        "zh": "好的，{flow}已取消，没有提交任何内容。",
        "en": "Okay, I've dropped this ({flow}). Nothing was submitted.",
    },
    "ended": {"zh": "好的。还有别的需要，直接告诉我。", "en": "All right. If there is anything else, just tell me."},
    "nothing_to_cancel": {
        "zh": "现在没有正在办理的事情。您想办什么，直接告诉我。",
        "en": "Nothing is under way right now. Tell me what you'd like to do.",
    },
    "interrupt": {
        "zh": "{flow}已经填了一部分，要先放一放，改办{other}吗？",
        "en": "We're partway through this: {flow}. Put it aside and start on this instead: {other}?",
    },
    "interrupt_yes": {"zh": "先办{other}", "en": "Start the new one"},
    "interrupt_no": {"zh": "继续{flow}", "en": "Carry on"},
    "resume": {"zh": "要继续刚才的{flow}吗？", "en": "Shall we go on with this: {flow}?"},
    "resume_yes": {"zh": "继续", "en": "Go on"},
    "resume_no": {"zh": "不用了", "en": "No, thanks"},
    "resume_dropped": {"zh": "好的，那就先不办{flow}了。", "en": "Okay, I've let it go: {flow}."},
    "next_flow": {"zh": "接下来办理{flow}。", "en": "Next: {flow}."},
    "clarify": {"zh": "您是想办理下面哪一项？", "en": "Which of these would you like?"},
    "none_of_these": {"zh": "都不是", "en": "None of these"},
    "already": {"zh": "我们正在办理{flow}。", "en": "We're already on it: {flow}."},
    "too_many": {
        "zh": "同时办的事有点多，我们先把手上的办完。",
        "en": "We have several things open already. Let's finish those first.",
    },
    # undoing
    "undo_offer": {
        "zh": "{flow}已经提交过了。要先撤销刚才的提交吗？",
        "en": "This was already submitted: {flow}. Shall I take that submission back first?",
    },
    "undo_yes": {"zh": "撤销", "en": "Take it back"},
    "undo_no": {"zh": "保持不变", "en": "Leave it"},
    "undone": {"zh": "已经撤销：{flow}。", "en": "Taken back: {flow}."},
    "kept": {"zh": "好的，保持不变。", "en": "Okay, it stays as it is."},
    "undo_nothing": {"zh": "没有可以撤销的操作。", "en": "There is nothing that can be taken back."},
    "undo_late": {
        "zh": "已经过了可以撤销的时间，我帮您转人工处理。",
        "en": "It's too late to take that back here, so I'm bringing in a colleague.",
    },
    "undo_failed": {
        "zh": "撤销没有成功，我帮您转人工处理。",
        "en": "Taking it back didn't work, so I'm bringing in a colleague.",
    },
    "stepped_back": {"zh": "好的，上一项不算。", "en": "Okay, I've taken back your last answer."},
    # failing
    "busy": {
        "zh": "系统现在有点忙，没能办成。可以再试一次，也可以转人工。",
        "en": "The system is busy and it didn't go through. You can try again or talk to a person.",
    },
    "retry": {"zh": "再试一次", "en": "Try again"},
    "unknown": {
        "zh": "我没能确认刚才的提交是否成功，为避免重复提交，已转人工帮您核实。",
        "en": "I can't tell whether that went through. To avoid doing it twice, I've asked a colleague to check.",
    },
    "failed": {
        "zh": "这一步没有办成，我帮您转人工处理。",
        "en": "That step didn't work, so I'm bringing in a colleague.",
    },
    "denied": {
        "zh": "这项业务暂时不能在这里为您办理，我帮您转人工。",
        "en": "I can't do this for you here, so I'm bringing in a colleague.",
    },
    "too_many_tries": {
        "zh": "抱歉，几次都没能听明白，我请人工客服接着帮您，前面填的内容同事都能看到。",
        "en": "Sorry, I keep missing it. A colleague will take over and can see what you've told me so far.",
    },
    "stuck": {
        "zh": "这件事我办不下去了，已为您转人工。",
        "en": "I can't take this any further, so I've asked a colleague.",
    },
    "stale": {"zh": "这个选项已失效。", "en": "That option is no longer valid."},
    "handoff": {"zh": "好的，已为您通知人工客服，请稍候。", "en": "Of course. I've asked a colleague to join."},
    "person": {"zh": "转人工", "en": "Talk to a person"},
    "reminder": {
        "zh": "您还在吗？{flow}还没办完，回复就能接着办。",
        "en": "Are you still there? This isn't finished yet: {flow}. Just reply to go on.",
    },
    "login_needed": {
        "zh": "办理这项业务需要先登录，请登录后再试。",
        "en": "Please log in first, then I can do this for you.",
    },
}

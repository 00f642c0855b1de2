"""What a new flow file starts with: a small flow that works, and what more there is, as comments."""

from __future__ import annotations

_TEMPLATE = """\
# 对话流程文件。左边写，右边看图、试用；写错的地方会标出行号。
# A flow file. Write here, look at the diagram and try it beside it; mistakes are named with their line.
version: 1
domain: {domain}

# 流程要知道的内容 · what the flows need to know
slots:
  {name}_topic:
    type: enum
    label: {{zh: 事项, en: topic}}
    ask: {{zh: "您想留言说哪方面的事？", en: "What is your message about?"}}
    values:
      product:
        label: {{zh: 商品, en: a product}}
        words: [产品, 东西, product]
      service:
        label: {{zh: 服务, en: our service}}
        words: [客服, 态度, service]
  {name}_text:
    type: text
    min: 2
    max: 300
    label: {{zh: 留言, en: message}}
    ask: {{zh: 请写下您的留言。, en: Please write your message.}}

flows:
  {name}_message:
    label: {{zh: 留言（{domain}）, en: leave a message ({domain})}}
    about: {{zh: 给我们留言, en: Leave us a message}}
    start:
      # 句式（RE2）和例句，任意一种都能开始流程 · patterns (RE2) and examples, either begins the flow
      examples:
        - {domain} 我要留言
        - {domain} leave a message
    steps:
      - collect: [{name}_topic, {name}_text]
      - say:
          zh: "记下了，关于{{{name}_topic.label}}：{{{name}_text}}"
          en: "Noted, about {{{name}_topic.label}}: {{{name}_text}}"
      # 调用业务系统；写操作前必须有 confirm · call the business's systems; a write needs a confirm before it
      # - confirm: {{zh: "提交这条留言吗？", en: "Shall I submit it?"}}
      # - call: message.create
      #   effect: write
      #   in: [{name}_topic, {name}_text]
      #   out: [ticket]
      #   fail: {{other: handoff}}
      # - when: {name}_topic == "service"
      #   do:
      #     - say: {{zh: 会有同事联系您。, en: A colleague will contact you.}}
      - offer:
          text: {{zh: "还需要人工客服吗？", en: "Would you like to talk to a person as well?"}}
          options:
            - {{label: {{zh: 转人工, en: Talk to a person}}, handoff: true}}
            - {{label: {{zh: 不用了, en: "No, thanks"}}, end: true}}
"""


def template(file: str) -> str:
    """A source for a new file; its names carry the file's, so that it collides with nothing."""
    name = file.replace("-", "_")
    name = name if name[:1].isalpha() else f"f_{name}"
    return _TEMPLATE.format(domain=name, name=name)

def test_answer(open_chat):
    chat = open_chat().ready()
    print(chat.ask("多久能发货").inner_text())
    print(chat.log())
    print(chat.ask("量子纠缠能治感冒吗").inner_text())
    print(chat.ask("东西不想要了").inner_text())
    print(chat.choices.count(), chat.log())

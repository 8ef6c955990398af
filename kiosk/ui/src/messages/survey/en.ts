/** What stands around the house's own questions in a questionnaire. */
const en = {
    skip: 'Rather not say',
    start: 'Start',
    'not-now': 'No, thank you',
    send: 'Hand it in',
    'up-to': '{count} at most.',
    step: '{step}: {word}',
    text: 'Your answer',
    'thanks.title': 'Thank you for your answers',
    'thanks.text': 'They count without your name, and nobody can tell that they are yours.',
    'none.title': 'As you like',
    'none.text': 'Nothing was kept. Have a lovely visit.',
} as const;

export default en;

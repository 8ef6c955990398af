// The slip of tests/bench/slip_encode.cpp, encoded by the npm encoders: prints {"name": "us per slip", ...}.
// Run by the bench: node slip.mjs ROUNDS
import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder';
import receiptline from 'receiptline';

const rounds = Number(process.argv[2] ?? 300);
const code = 'https://example.org/w/4f1c2a9be07d4c31a85e';

function pointOfSale() {
    const encoder = new ReceiptPrinterEncoder({
        language: 'esc-pos',
        columns: 48,
        codepageMapping: 'epson',
        codepageCandidates: ['windows1252', 'cp866', 'cp858'],
    });
    const row = (left, right) =>
        encoder.table(
            [
                { width: 38, align: 'left' },
                { width: 10, align: 'right' },
            ],
            [[left, right]],
        );
    encoder
        .initialize()
        .codepage('auto')
        .align('center')
        .bold(true)
        .size(2, 2)
        .line('Театр «Суфлёр»')
        .size(1, 1)
        .bold(false)
        .line('Korte Houtstraat 1, Amsterdam · example.org')
        .newline()
        .align('left')
        .bold(true)
        .line('Ваше согласие')
        .bold(false)
        .line('Мария Ивановна Лебедева')
        .rule();
    encoder.bold(true);
    row('Новости · эл. почта', 'да');
    encoder.bold(false);
    row('Новости · почта', 'нет');
    row('Буклет · почта', 'да');
    encoder.rule();
    row('2026-11-22 19:41', 'nl-newsletter-3@2');
    return encoder
        .newline()
        .align('center')
        .line('Отозвать можно в любой момент:')
        .qrcode(code, { model: 2, size: 6, errorlevel: 'm' })
        .line('или по тел. +7 495 000-00-00, код')
        .bold(true)
        .size(2, 2)
        .line('7K3-M9Q')
        .size(1, 1)
        .bold(false)
        .cut('partial')
        .encode();
}

const markdown = `"^^^Театр «Суфлёр»
Korte Houtstraat 1, Amsterdam · example.org

{align:left}
"Ваше согласие" |
Мария Ивановна Лебедева |
-
"Новости · эл. почта | "да
Новости · почта | нет
Буклет · почта | да
-
2026-11-22 19:41 | nl-newsletter-3@2

{align:center}
Отозвать можно в любой момент:
{code:${code};option:qrcode,6,m}
или по тел. +7 495 000-00-00, код
"^^^7K3-M9Q
=`;

function receiptLine() {
    return receiptline.transform(markdown, { cpl: 48, encoding: 'multilingual', command: 'escpos' });
}

function measure(encode) {
    let bytes = 0;
    for (let i = 0; i < 50; i += 1) bytes += encode().length; // the JIT has seen it
    const times = [];
    for (let i = 0; i < rounds; i += 1) {
        const start = process.hrtime.bigint();
        bytes += encode().length;
        times.push(Number(process.hrtime.bigint() - start) / 1000);
    }
    if (bytes === 0) throw new Error('nothing was encoded');
    times.sort((a, b) => a - b);
    return times[Math.floor(times.length / 2)];
}

console.log(
    JSON.stringify({ 'receipt-printer-encoder': measure(pointOfSale), receiptline: measure(receiptLine) }),
);

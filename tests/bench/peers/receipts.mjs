// Receipts as tills print them, encoded by the npm encoders: a line each, encoder TAB kind TAB number TAB bytes in hex.
// Read by tests/integration/tap, which sends them through the print tap. The number is that of the order, empty where
// none stands there as text.
import { createRequire } from 'node:module';
import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder';
import receiptline from 'receiptline';

const require = createRequire(import.meta.url);
const { ThermalPrinter, PrinterTypes, CharacterSet } = require('node-thermal-printer');
const { PNG } = require('pngjs');

/** A logo: 64 x 32, a frame with a diagonal. */
function logo() {
    const [width, height] = [64, 32];
    const data = new Uint8ClampedArray(width * height * 4).fill(255);
    for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
            const black = x < 2 || y < 2 || x >= width - 2 || y >= height - 2 || Math.abs(x - 2 * y) < 3;
            if (black) data.set([0, 0, 0, 255], (y * width + x) * 4);
        }
    }
    return { width, height, data };
}

function png() {
    const { width, height, data } = logo();
    const picture = new PNG({ width, height });
    picture.data = Buffer.from(data);
    return PNG.sync.write(picture);
}

let last = 4711000;
function say(encoder, kind, make, numbered = true) {
    last += 1;
    const number = numbered ? String(last) : '';
    const made = make(last);
    const put = (bytes) =>
        console.log([encoder, kind, number, Buffer.from(bytes).toString('hex')].join('\t'));
    return made instanceof Promise ? made.then(put) : put(made);
}

function pointOfSale() {
    const name = 'receipt-printer-encoder';
    const start = (number, options = {}) =>
        new ReceiptPrinterEncoder({ language: 'esc-pos', columns: 48, codepageMapping: 'epson', ...options })
            .initialize()
            .codepage('windows1252')
            .align('center')
            .bold(true)
            .size(2, 2)
            .line('Theater Het Voorbeeld')
            .size(1, 1)
            .bold(false)
            .align('left')
            .line(`Order no. ${number}`)
            .rule()
            .table(
                [
                    { width: 38, align: 'left' },
                    { width: 10, align: 'right' },
                ],
                [
                    ['Giselle, rij 4 stoel 12', '25,00'],
                    ['Garderobe', '1,50'],
                ],
            );
    say(name, 'text', (number) => start(number).newline().cut('partial').encode());
    say(name, 'full cut', (number) => start(number).newline().cut('full').encode());
    say(name, 'qr', (number) =>
        start(number)
            .qrcode('https://example.org/t/8f20', { model: 2, size: 6, errorlevel: 'm' })
            .cut('partial')
            .encode(),
    );
    say(name, 'barcode', (number) =>
        start(number).barcode('2012345678903', 'ean13', { height: 60, text: true }).cut('partial').encode(),
    );
    say(name, 'code128', (number) =>
        start(number).barcode('TICKET-8F20', 'code128', 60).cut('partial').encode(),
    );
    for (const [kind, imageMode] of [
        ['raster', 'raster'],
        ['column image', 'column'],
    ]) {
        say(name, kind, (number) =>
            start(number, { imageMode }).image(logo(), 64, 32, 'threshold').cut('partial').encode(),
        );
    }
    say(name, 'code pages', (number) =>
        start(number)
            .codepage('cp866')
            .line('Театр «Суфлёр»')
            .codepage('cp858')
            .line('Totaal € 26,50')
            .codepage('windows1253')
            .line('Ευχαριστώ')
            .cut('partial')
            .encode(),
    );
    say(name, 'drawer', (number) => start(number).pulse().cut('partial').encode());
    say(
        name,
        'nothing but a picture',
        () =>
            new ReceiptPrinterEncoder({ language: 'esc-pos', columns: 48 })
                .initialize()
                .image(logo(), 64, 32, 'threshold')
                .cut('partial')
                .encode(),
        false,
    );
}

function receiptLine() {
    const name = 'receiptline';
    const head = (number) => `^^^Theater Het Voorbeeld

{align:left}
Order no. ${number}
-
Giselle, rij 4 stoel 12 | 25,00
Garderobe | 1,50
`;
    const make = (markdown, more = {}) =>
        Buffer.from(
            receiptline.transform(markdown, {
                cpl: 48,
                encoding: 'multilingual',
                command: 'escpos',
                cutting: true,
                ...more,
            }),
            'latin1',
        );
    say(name, 'text', (number) => make(`${head(number)}=`));
    say(name, 'two cuts', (number) => make(`${head(number)}=\nGarderobe\nnr. 17\n=`));
    say(name, 'qr', (number) =>
        make(`${head(number)}{code:https://example.org/t/8f20;option:qrcode,6,m}\n=`),
    );
    say(name, 'barcode', (number) => make(`${head(number)}{code:2012345678903;option:ean,hri}\n=`));
    say(name, 'code128', (number) => make(`${head(number)}{code:TICKET-8F20;option:code128,2,60}\n=`));
    say(name, 'image', (number) => make(`${head(number)}{image:${png().toString('base64')}}\n=`));
    say(name, 'code pages', (number) =>
        make(`${head(number)}Театр «Суфлёр» | Ευχαριστώ\nTotaal | €26,50\n=`),
    );
    say(name, 'cp866', (number) => make(`${head(number)}Театр «Суфлёр» | да\n=`, { encoding: 'cp866' }));
}

async function thermalPrinter() {
    const name = 'node-thermal-printer';
    const start = (number, characterSet = CharacterSet.PC858_EURO) => {
        const printer = new ThermalPrinter({ type: PrinterTypes.EPSON, width: 48, characterSet });
        printer.alignCenter();
        printer.setTextQuadArea();
        printer.println('Theater Het Voorbeeld');
        printer.setTextNormal();
        printer.alignLeft();
        printer.println(`Order no. ${number}`);
        printer.drawLine();
        printer.leftRight('Giselle, rij 4 stoel 12', '25,00');
        printer.leftRight('Garderobe', '1,50');
        return printer;
    };
    const end = (printer, partial = true) => {
        if (partial) printer.partialCut();
        else printer.cut();
        return printer.getBuffer();
    };
    await say(name, 'text', (number) => end(start(number)));
    await say(name, 'full cut', (number) => end(start(number), false));
    await say(name, 'qr', (number) => {
        const printer = start(number);
        printer.printQR('https://example.org/t/8f20', { cellSize: 6, correction: 'M' });
        return end(printer);
    });
    await say(name, 'barcode', (number) => {
        const printer = start(number);
        printer.printBarcode('2012345678903', 67, { hriPos: 2, height: 60 });
        return end(printer);
    });
    await say(name, 'code128', (number) => {
        const printer = start(number);
        printer.code128('TICKET8F20', { width: 'MEDIUM', height: 60, text: 2 });
        return end(printer);
    });
    await say(name, 'image', async (number) => {
        const printer = start(number);
        await printer.printImageBuffer(png());
        return end(printer);
    });
    await say(name, 'cyrillic', (number) => {
        const printer = start(number, CharacterSet.PC866_CYRILLIC2);
        printer.println('Театр Суфлёр');
        return end(printer);
    });
    await say(name, 'code pages', (number) => {
        const printer = start(number);
        printer.println('Totaal € 26,50');
        printer.setCharacterSet(CharacterSet.WPC1253_GREEK);
        printer.println('Ευχαριστώ');
        return end(printer);
    });
    await say(name, 'drawer', (number) => {
        const printer = start(number);
        printer.openCashDrawer(); // without its timing bytes
        return end(printer);
    });
    await say(name, 'no cut', (number) => start(number).getBuffer());
}

pointOfSale();
receiptLine();
await thermalPrinter();

#include "plugin/abi/frame.h"

#include <string.h>

/* One table describes every field; the encoder and the decoder both walk it, so they cannot
 * disagree. */
typedef enum souffleur_field_class {
    kLabel,   /* text; cleaned and cut */
    kIdent,   /* text; must be clean and fit */
    kContact, /* text; left out unless clean and fitting */
    kU32,
    kU64,
    kItem /* a basket item: nested fields */
} souffleur_field_class_t;

typedef struct souffleur_field {
    uint16_t tag;
    souffleur_field_class_t class;
    size_t offset; /* in souffleur_message, or in souffleur_basket_item for the nested ones */
    size_t max;    /* bytes of a text, greatest value of a kU32 */
} souffleur_field_t;

enum {
    kSession = 1,
    kHostName,
    kSelection,
    kSystem,
    kCustomer,
    kName,
    kEmail,
    kPhone,
    kCard,
    kLanguage,
    kSituation,
    kBasket,
    kEvent,
    kGenre,
    kPartner,
    kQuantity,
    kSerial,
    kOrder,
    kTotal,
    kCurrency,
    kReason,
    kKind,
    kIcon,
    kWords,
    kScript,
    kScriptLanguage,
    kAsOf
};

#define IN_MESSAGE(member) offsetof(souffleur_message_t, member)
#define IN_ITEM(member) offsetof(souffleur_basket_item_t, member)

static const souffleur_field_t kMessageFields[] = {
    {kSession, kU64, IN_MESSAGE(session), 0},
    {kHostName, kLabel, IN_MESSAGE(host_name), SOUFFLEUR_NAME_MAX},
    {kSelection, kU32, IN_MESSAGE(selection), UINT32_MAX},
    {kSystem, kIdent, IN_MESSAGE(customer.system), SOUFFLEUR_SYSTEM_MAX},
    {kCustomer, kIdent, IN_MESSAGE(customer.id), SOUFFLEUR_ID_MAX},
    {kName, kLabel, IN_MESSAGE(customer.name), SOUFFLEUR_NAME_MAX},
    {kEmail, kContact, IN_MESSAGE(customer.email), SOUFFLEUR_EMAIL_MAX},
    {kPhone, kContact, IN_MESSAGE(customer.phone), SOUFFLEUR_PHONE_MAX},
    {kCard, kContact, IN_MESSAGE(customer.card), SOUFFLEUR_CARD_MAX},
    {kLanguage, kContact, IN_MESSAGE(customer.language), SOUFFLEUR_LANGUAGE_MAX},
    {kSituation, kU32, IN_MESSAGE(customer.situation), SOUFFLEUR_SCHOOL},
    {kBasket, kItem, IN_MESSAGE(items), 0},
    {kSerial, kU64, IN_MESSAGE(serial), 0},
    {kOrder, kIdent, IN_MESSAGE(order_id), SOUFFLEUR_ID_MAX},
    {kTotal, kU64, IN_MESSAGE(total_minor), 0},
    {kCurrency, kIdent, IN_MESSAGE(currency), 3},
    {kReason, kU32, IN_MESSAGE(reason), UINT32_MAX},
    {kKind, kLabel, IN_MESSAGE(kind), SOUFFLEUR_KIND_CAPACITY - 1},
    {kIcon, kLabel, IN_MESSAGE(icon), SOUFFLEUR_ICON_CAPACITY - 1},
    {kWords, kLabel, IN_MESSAGE(words), SOUFFLEUR_WORDS_CAPACITY - 1},
    {kScript, kLabel, IN_MESSAGE(script), SOUFFLEUR_SCRIPT_CAPACITY - 1},
    {kScriptLanguage, kLabel, IN_MESSAGE(script_language), SOUFFLEUR_LANGUAGE_MAX},
    {kAsOf, kU64, IN_MESSAGE(as_of_ms), 0},
};

static const souffleur_field_t kItemFields[] = {
    {kEvent, kIdent, IN_ITEM(event), SOUFFLEUR_ID_MAX},
    {kGenre, kLabel, IN_ITEM(genre), SOUFFLEUR_GENRE_MAX},
    {kPartner, kIdent, IN_ITEM(partner), SOUFFLEUR_ID_MAX},
    {kQuantity, kU32, IN_ITEM(quantity), SOUFFLEUR_QUANTITY_MAX},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(tag) (UINT32_C(1) << (tag))

typedef struct souffleur_fields_of {
    uint32_t allowed;
    uint32_t required;
} souffleur_fields_of_t;

static const uint32_t kCustomerHints = BIT(kName) | BIT(kEmail) | BIT(kPhone) | BIT(kCard) |
                                       BIT(kLanguage) | BIT(kSituation) | BIT(kBasket);

static int fieldsOf(uint8_t type, souffleur_fields_of_t* out) {
    const uint32_t person = BIT(kSystem) | BIT(kCustomer);
    switch (type) {
    case SOUFFLEUR_FRAME_HELLO:
        *out = (souffleur_fields_of_t){BIT(kSession) | BIT(kHostName), BIT(kSession)};
        return 1;
    case SOUFFLEUR_FRAME_SELECTED:
        *out = (souffleur_fields_of_t){person | BIT(kSelection) | kCustomerHints,
                                       person | BIT(kSelection)};
        return 1;
    case SOUFFLEUR_FRAME_CLEARED:
        *out = (souffleur_fields_of_t){BIT(kSelection), BIT(kSelection)};
        return 1;
    case SOUFFLEUR_FRAME_COMPLETED:
        *out = (souffleur_fields_of_t){person | BIT(kSerial) | BIT(kOrder) | BIT(kTotal) |
                                           BIT(kCurrency),
                                       BIT(kSystem) | BIT(kSerial) | BIT(kOrder)};
        return 1;
    case SOUFFLEUR_FRAME_NEXT:
        *out = (souffleur_fields_of_t){person | kCustomerHints, person};
        return 1;
    case SOUFFLEUR_FRAME_FLAG:
        *out = (souffleur_fields_of_t){BIT(kSelection) | BIT(kKind) | BIT(kIcon) | BIT(kWords) |
                                           BIT(kScript) | BIT(kScriptLanguage) | BIT(kAsOf),
                                       BIT(kSelection) | BIT(kKind)};
        return 1;
    case SOUFFLEUR_FRAME_REFUSED:
        *out = (souffleur_fields_of_t){BIT(kReason), BIT(kReason)};
        return 1;
    case SOUFFLEUR_FRAME_PING:
    case SOUFFLEUR_FRAME_WELCOME:
    case SOUFFLEUR_FRAME_ACK:
        *out = (souffleur_fields_of_t){0, 0};
        return 1;
    default:
        return 0;
    }
}

/* Little endian, byte by byte: no alignment, no host order. */
static void put(uint8_t* at, uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) at[i] = (uint8_t) (value >> (8 * i));
}

static uint64_t get(const uint8_t* at, size_t bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i) value |= (uint64_t) at[i] << (8 * i);
    return value;
}

static int isCurrency(souffleur_text_t text) {
    if (text.size != 3) return 0;
    for (size_t i = 0; i < 3; ++i) {
        if (text.bytes[i] < 'A' || text.bytes[i] > 'Z') return 0;
    }
    return 1;
}

static size_t widthOf(const souffleur_field_t* field) {
    return field->class == kU32 ? 4 : 8;
}

static const souffleur_field_t* findField(const souffleur_field_t* table, size_t count,
                                          uint64_t tag) {
    for (size_t i = 0; i < count; ++i) {
        if (table[i].tag == tag) return &table[i];
    }
    return NULL;
}

/* ---- encoding ---- */

typedef struct souffleur_writer {
    uint8_t* out;
    size_t capacity;
    size_t size;
    uint32_t written; /* bits of the tags */
    int failed;
} souffleur_writer_t;

/* Room for a field of up to `bytes`; NULL fails the writer. closeField says how much it became. */
static uint8_t* openField(souffleur_writer_t* writer, size_t bytes) {
    if (writer->failed || writer->capacity - writer->size < bytes + 4) {
        writer->failed = 1;
        return NULL;
    }
    return writer->out + writer->size + 4;
}

static void closeField(souffleur_writer_t* writer, uint16_t tag, size_t bytes) {
    put(writer->out + writer->size, tag, 2);
    put(writer->out + writer->size + 2, bytes, 2);
    writer->size += bytes + 4;
    writer->written |= BIT(tag);
}

static void writeText(souffleur_writer_t* writer, const souffleur_field_t* field,
                      souffleur_text_t text) {
    if (text.size == 0) return;
    if (text.bytes == NULL) {
        writer->failed = 1;
        return;
    }
    if (field->class != kLabel) {
        const int good = text.size <= field->max && souffleur_text_is_clean(text) &&
                         (field->tag != kCurrency || isCurrency(text));
        if (!good && field->class == kIdent) writer->failed = 1;
        if (!good) return;
    }
    uint8_t* at = openField(writer, field->max);
    if (at == NULL) return;
    const size_t size = souffleur_text_clean(text, (char*) at, field->max);
    if (size > 0) closeField(writer, field->tag, size);
}

static void writeNumber(souffleur_writer_t* writer, const souffleur_field_t* field,
                        const uint8_t* from) {
    uint64_t value = 0;
    if (field->class == kU32) {
        uint32_t small = 0;
        memcpy(&small, from, sizeof small);
        value = small;
        if (small > field->max) writer->failed = 1;
    } else {
        memcpy(&value, from, sizeof value);
    }
    if (value == 0) return; /* absent and zero are one; a required number is never zero */
    uint8_t* at = openField(writer, widthOf(field));
    if (at == NULL) return;
    put(at, value, widthOf(field));
    closeField(writer, field->tag, widthOf(field));
}

static void writeItem(souffleur_writer_t* writer, const souffleur_basket_item_t* item) {
    uint8_t* at = openField(writer, 0);
    if (at == NULL) return;
    souffleur_writer_t inner = {at, writer->capacity - writer->size - 4, 0, 0, 0};
    for (size_t i = 0; i < COUNT(kItemFields); ++i) {
        const uint8_t* from = (const uint8_t*) item + kItemFields[i].offset;
        if (kItemFields[i].class == kU32) {
            writeNumber(&inner, &kItemFields[i], from);
        } else {
            souffleur_text_t text;
            memcpy(&text, from, sizeof text);
            writeText(&inner, &kItemFields[i], text);
        }
    }
    if (inner.failed || (inner.written & BIT(kQuantity)) == 0) {
        writer->failed = 1;
        return;
    }
    closeField(writer, kBasket, inner.size);
}

static void writeBasket(souffleur_writer_t* writer, const souffleur_customer_t* customer) {
    const size_t count = customer->basket_count;
    if (count > SOUFFLEUR_BASKET_MAX || (count > 0 && customer->basket == NULL)) {
        writer->failed = 1;
        return;
    }
    for (size_t i = 0; i < count; ++i) writeItem(writer, &customer->basket[i]);
}

size_t souffleur_frame_encode(const souffleur_message_t* message, uint8_t* out, size_t capacity) {
    souffleur_fields_of_t fields;
    if (!fieldsOf(message->type, &fields) || capacity < SOUFFLEUR_FRAME_HEADER) return 0;
    if (capacity > SOUFFLEUR_FRAME_MAX) capacity = SOUFFLEUR_FRAME_MAX;
    souffleur_writer_t writer = {out + SOUFFLEUR_FRAME_HEADER, capacity - SOUFFLEUR_FRAME_HEADER, 0,
                                 0, 0};
    for (size_t i = 0; i < COUNT(kMessageFields); ++i) {
        const souffleur_field_t* field = &kMessageFields[i];
        if ((fields.allowed & BIT(field->tag)) == 0) continue;
        const uint8_t* from = (const uint8_t*) message + field->offset;
        if (field->class == kItem) {
            writeBasket(&writer, &message->customer);
        } else if (field->class == kU32 || field->class == kU64) {
            writeNumber(&writer, field, from);
        } else {
            souffleur_text_t text;
            memcpy(&text, from, sizeof text);
            writeText(&writer, field, text);
        }
    }
    if (writer.failed || (fields.required & ~writer.written) != 0) return 0;
    out[0] = 'S';
    out[1] = 'f';
    out[2] = SOUFFLEUR_PROTOCOL;
    out[3] = message->type;
    put(out + 4, message->seq, 4);
    put(out + 8, writer.size, 4);
    return SOUFFLEUR_FRAME_HEADER + writer.size;
}

void souffleur_frame_set_seq(uint8_t* frame, uint32_t seq) {
    put(frame + 4, seq, 4);
}

/* ---- decoding ---- */

typedef struct souffleur_reader {
    const uint8_t* at;
    size_t left;
    uint32_t seen;
} souffleur_reader_t;

static int readText(const souffleur_field_t* field, souffleur_text_t text, uint8_t* to) {
    if (text.size == 0 || text.size > field->max || !souffleur_text_is_clean(text)) return 0;
    if (field->tag == kCurrency && !isCurrency(text)) return 0;
    memcpy(to, &text, sizeof text);
    return 1;
}

static int readNumber(const souffleur_field_t* field, souffleur_text_t bytes, uint8_t* to) {
    if (bytes.size != widthOf(field)) return 0;
    const uint64_t value = get((const uint8_t*) bytes.bytes, bytes.size);
    if (value == 0) return 0;
    if (field->class == kU64) {
        memcpy(to, &value, sizeof value);
        return 1;
    }
    if (value > field->max) return 0;
    const uint32_t small = (uint32_t) value;
    memcpy(to, &small, sizeof small);
    return 1;
}

/* Takes the next tag and its bytes; 0 when they are cut short. */
static int nextField(souffleur_reader_t* reader, uint64_t* tag, souffleur_text_t* bytes) {
    if (reader->left < 4) return 0;
    *tag = get(reader->at, 2);
    bytes->size = get(reader->at + 2, 2);
    bytes->bytes = (const char*) reader->at + 4;
    if (bytes->size > reader->left - 4) return 0;
    reader->at += bytes->size + 4;
    reader->left -= bytes->size + 4;
    return 1;
}

/* Marks a field as read; 0 when it was there before. */
static int firstTime(souffleur_reader_t* reader, const souffleur_field_t* field) {
    if ((reader->seen & BIT(field->tag)) != 0) return 0;
    reader->seen |= BIT(field->tag);
    return 1;
}

static int readItem(souffleur_text_t bytes, souffleur_basket_item_t* item) {
    souffleur_reader_t reader = {(const uint8_t*) bytes.bytes, bytes.size, 0};
    while (reader.left > 0) {
        uint64_t tag = 0;
        souffleur_text_t inner;
        if (!nextField(&reader, &tag, &inner)) return 0;
        const souffleur_field_t* field = findField(kItemFields, COUNT(kItemFields), tag);
        if (field == NULL) continue;
        if (!firstTime(&reader, field)) return 0;
        uint8_t* to = (uint8_t*) item + field->offset;
        const int good =
            field->class == kU32 ? readNumber(field, inner, to) : readText(field, inner, to);
        if (!good) return 0;
    }
    return (reader.seen & BIT(kQuantity)) != 0;
}

static int readBasket(souffleur_reader_t* reader, souffleur_text_t bytes,
                      souffleur_message_t* out) {
    if (out->customer.basket_count == SOUFFLEUR_BASKET_MAX) return 0;
    reader->seen |= BIT(kBasket);
    out->customer.basket = out->items;
    return readItem(bytes, &out->items[out->customer.basket_count++]);
}

static int readField(souffleur_reader_t* reader, const souffleur_field_t* field,
                     souffleur_text_t bytes, souffleur_message_t* out) {
    if (field->class == kItem) return readBasket(reader, bytes, out);
    if (!firstTime(reader, field)) return 0;
    uint8_t* to = (uint8_t*) out + field->offset;
    if (field->class == kU32 || field->class == kU64) return readNumber(field, bytes, to);
    return readText(field, bytes, to);
}

souffleur_decoded_t souffleur_frame_decode(const uint8_t* frame, size_t size,
                                           souffleur_message_t* out) {
    if (size < SOUFFLEUR_FRAME_HEADER || size > SOUFFLEUR_FRAME_MAX || frame[0] != 'S' ||
        frame[1] != 'f') {
        return SOUFFLEUR_DECODED_MALFORMED;
    }
    if (frame[2] != SOUFFLEUR_PROTOCOL) return SOUFFLEUR_DECODED_VERSION;
    if (get(frame + 8, 4) != size - SOUFFLEUR_FRAME_HEADER) return SOUFFLEUR_DECODED_MALFORMED;
    memset(out, 0, sizeof *out);
    out->type = frame[3];
    out->seq = (uint32_t) get(frame + 4, 4);
    souffleur_fields_of_t fields;
    if (!fieldsOf(out->type, &fields)) return SOUFFLEUR_DECODED_UNKNOWN;
    souffleur_reader_t reader = {frame + SOUFFLEUR_FRAME_HEADER, size - SOUFFLEUR_FRAME_HEADER, 0};
    while (reader.left > 0) {
        uint64_t tag = 0;
        souffleur_text_t bytes;
        if (!nextField(&reader, &tag, &bytes)) return SOUFFLEUR_DECODED_MALFORMED;
        const souffleur_field_t* field = findField(kMessageFields, COUNT(kMessageFields), tag);
        if (field == NULL || (fields.allowed & BIT(field->tag)) == 0) continue;
        if (!readField(&reader, field, bytes, out)) return SOUFFLEUR_DECODED_MALFORMED;
    }
    if ((fields.required & ~reader.seen) != 0) return SOUFFLEUR_DECODED_MALFORMED;
    return SOUFFLEUR_DECODED;
}

/**
 * `act`, but not for the second tap of a pair, which falls on what came in the place of the first: a screen that was not read yet, a twin
 * that would take its answer back. The browser counts them by time and place; keys count as none.
 */
export const once = (act: () => unknown) => (event: MouseEvent) => {
    if (event.detail < 2) act();
};

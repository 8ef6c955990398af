/** Outlines of a page's first screen, apart from the others so that it need not wait for them. */
export const kLock = 'M6 10.5h12v9H6zM8.5 10.5V7.8a3.5 3.5 0 0 1 7 0v2.7';
export const kDelete = 'M8 5.5h12.5v13H8L2.5 12zM11.5 9.5l5 5M16.5 9.5l-5 5';

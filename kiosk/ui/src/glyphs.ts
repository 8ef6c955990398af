/** Outlines on a 24 x 24 grid, ours; their meaning always stands beside them in words. */
export const kGlyphs = {
    large: 'M3 18 8 5.5 13 18M4.8 13.8h6.4M18 9v7M14.5 12.5h7',
    contrast: 'M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17M12 3.5v17M14.8 5v14M17.5 7v10',
    low: 'M12 4v14M6 12.5 12 18.5l6-6M5 21h14',
    high: 'M12 20V6M6 11.5 12 5.5l6 6M5 3h14',
    data: 'M6 10.5h12v9H6zM8.5 10.5V7.8a3.5 3.5 0 0 1 7 0v2.7M12 14v2.2',
    globe: 'M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17M3.5 12h17M12 3.5c5 5 5 12 0 17c-5-5-5-12 0-17',
    delete: 'M8 5.5h12.5v13H8L2.5 12zM11.5 9.5l5 5M16.5 9.5l-5 5',
    shift: 'M12 4 4.5 12H9v7.5h6V12h4.5z',
    plus: 'M12 5.5v13M5.5 12h13',
    check: 'M5 12.5l4.5 4.5L19 7.5',
    alert: 'M12 4 21 19.5H3zM12 10v4.5M12 17v.1',
    slip: 'M6 3.5h12v17l-2-1.5-2 1.5-2-1.5-2 1.5-2-1.5-2 1.5zM9 8h6M9 11.5h6M9 15h3.5',
    close: 'M6 6l12 12M18 6 6 18',
} as const;

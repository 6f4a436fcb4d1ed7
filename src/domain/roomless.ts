/** What to do when the items of a list do not fit into the memory of the exporter: the log and the page say the same. */
export const ROOMLESS_REMEDY =
  'Give the exporter more memory if so many items are live at once; else find out why the service lists them.';

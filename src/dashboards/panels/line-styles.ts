import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';

/** How a limit is drawn: a dashed line in the colour of its severity, never filled, never stacked. */
export function limitStyle(colour: string): DynamicConfigValue[] {
  return [...namedLimitStyle(colour), NOT_IN_LEGEND];
}

/** The same, with its name in the legend. */
export function namedLimitStyle(colour: string): DynamicConfigValue[] {
  return [
    { id: 'color', value: { mode: 'fixed', fixedColor: colour } },
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
    { id: 'custom.lineWidth', value: 1 },
    { id: 'custom.fillOpacity', value: 0 },
    { id: 'custom.stacking', value: { mode: 'none', group: 'limit' } },
  ];
}

/** Keeps a limit out of the legend, where it would displace environments. */
const NOT_IN_LEGEND: DynamicConfigValue = {
  id: 'custom.hideFrom',
  value: { legend: true, tooltip: false, viz: false },
};

/**
 * For lines of some seconds on a chart of minutes. An axis takes its decimals from the first field: a limit that comes
 * before the line keeps the ticks whole.
 */
export const TENTHS: DynamicConfigValue = { id: 'decimals', value: 1 };

export const fixedColour = (colour: string): DynamicConfigValue => ({
  id: 'color',
  value: { mode: 'fixed', fixedColor: colour },
});

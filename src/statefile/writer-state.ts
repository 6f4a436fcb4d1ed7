/** What the file lacks: nothing, something that can be written later, or something that must be written soon. */
export type Behind = 'nothing' | 'later' | 'soon';

/** What the writer of the state file is doing. */
export type WriterState =
  | { readonly is: 'idle' }
  /** Something must be written soon, and the last write was less than a second ago. */
  | { readonly is: 'resting' }
  | { readonly is: 'writing'; readonly next: 'idle' | 'last write' | 'closed' }
  /** The write continues but takes too long to wait for: it will be out of date when it ends. */
  | { readonly is: 'hanging'; readonly next: 'idle' | 'closed' }
  /** Another process writes the file; this one never does again. */
  | { readonly is: 'usurped' }
  | { readonly is: 'closed' };

export type WriterEvent =
  | { readonly on: 'changed' | 'ended'; readonly behind: Behind; readonly mustRest: boolean }
  | { readonly on: 'close'; readonly behind: Behind }
  | { readonly on: 'rested' | 'hung' | 'usurped' };

const CLOSED: WriterState = { is: 'closed' };

/** The only place where the writer changes its state. An event that does not apply to a state leaves it unchanged. */
export function nextWriterState(state: WriterState, event: WriterEvent): WriterState {
  if (event.on === 'usurped') return { is: 'usurped' };
  switch (state.is) {
    case 'idle':
      if (event.on === 'changed') return begun(event);
      return event.on === 'close' ? closing(event.behind) : state;
    case 'resting':
      if (event.on === 'rested') return { is: 'writing', next: 'idle' };
      return event.on === 'close' ? closing(event.behind) : state;
    case 'writing':
      if (event.on === 'hung') return { is: 'hanging', next: state.next === 'idle' ? 'idle' : 'closed' };
      if (event.on === 'close') return state.next === 'idle' ? { is: 'writing', next: 'last write' } : state;
      if (event.on !== 'ended') return state;
      if (state.next === 'idle') return begun(event);
      return state.next === 'last write' ? closing(event.behind) : CLOSED;
    case 'hanging':
      if (event.on === 'close') return { is: 'hanging', next: 'closed' };
      if (event.on !== 'ended') return state;
      return state.next === 'idle' ? begun(event) : CLOSED;
    case 'usurped':
    case 'closed':
      return state;
  }
}

/** Whether later changes will still be written to the file. */
export function takesChanges(state: WriterState): boolean {
  return state.is === 'idle' || state.is === 'resting' || ('next' in state && state.next === 'idle');
}

function begun({ behind, mustRest }: { readonly behind: Behind; readonly mustRest: boolean }): WriterState {
  if (behind !== 'soon') return { is: 'idle' };
  return mustRest ? { is: 'resting' } : { is: 'writing', next: 'idle' };
}

/** The state after `close`: the last write begins at once. */
function closing(behind: Behind): WriterState {
  return behind === 'nothing' ? CLOSED : { is: 'writing', next: 'closed' };
}

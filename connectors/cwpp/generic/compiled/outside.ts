/** An expression uses something that is not compiled. The whole mapping is interpreted then. */
export class OutsideError extends Error {
  override readonly name = 'OutsideError';
}

/** The compiled form came to a failure: the interpreter tells it, in its own words. */
export class LeftToInterpreterError extends Error {
  override readonly name: string = 'LeftToInterpreterError';
}

/** A value that one of the interpreter's corners reads in a way of its own. It may well answer. */
export class CornerError extends LeftToInterpreterError {
  override readonly name = 'CornerError';
}

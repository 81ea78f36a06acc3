/** The tree of a parsed template. `pos` is the offset that Go reports for the node. */
export type Node =
  | TextNode
  | ActionNode
  | BranchNode
  | TemplateNode
  | { kind: 'break' | 'continue'; pos: number; line: number };

export interface TextNode {
  kind: 'text';
  pos: number;
  text: string;
}

export interface ActionNode {
  kind: 'action';
  pos: number;
  pipe: PipeNode;
}

/** if, with and range. */
export interface BranchNode {
  kind: 'if' | 'with' | 'range';
  pos: number;
  pipe: PipeNode;
  body: Node[];
  otherwise: Node[] | undefined;
}

export interface TemplateNode {
  kind: 'template';
  pos: number;
  name: string;
  pipe: PipeNode | undefined;
}

export interface PipeNode {
  kind: 'pipe';
  pos: number;
  /** `=` instead of `:=`. */
  assign: boolean;
  variables: VariableNode[];
  commands: CommandNode[];
}

export interface CommandNode {
  kind: 'command';
  pos: number;
  args: Operand[];
}

export interface VariableNode {
  kind: 'variable';
  pos: number;
  /** `$x` and the fields after it. */
  names: string[];
}

export type Operand =
  | VariableNode
  | PipeNode
  | { kind: 'dot' | 'nil'; pos: number }
  | { kind: 'field'; pos: number; names: string[] }
  | { kind: 'chain'; pos: number; target: Operand; names: string[] }
  | { kind: 'identifier'; pos: number; name: string }
  | { kind: 'bool'; pos: number; value: boolean }
  | { kind: 'number'; pos: number; value: number | bigint; isFloat: boolean; text: string }
  | { kind: 'string'; pos: number; value: string; text: string };

/** The node as Go writes it in `at <…>`. */
export function nodeText(node: Node | Operand | CommandNode): string {
  switch (node.kind) {
    case 'text':
      return JSON.stringify(node.text);
    case 'action':
      return `{{${nodeText(node.pipe)}}}`;
    case 'if':
    case 'with':
    case 'range': {
      const otherwise = node.otherwise ? `{{else}}${node.otherwise.map(nodeText).join('')}` : '';
      return `{{${node.kind} ${nodeText(node.pipe)}}}${node.body.map(nodeText).join('')}${otherwise}{{end}}`;
    }
    case 'template':
      return `{{template ${JSON.stringify(node.name)}${node.pipe ? ` ${nodeText(node.pipe)}` : ''}}}`;
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`;
    case 'pipe': {
      const names = node.variables.map(nodeText).join(', ');
      const commands = node.commands.map(nodeText).join(' | ');
      return names === '' ? commands : `${names} ${node.assign ? '=' : ':='} ${commands}`;
    }
    case 'command':
      return node.args.map((arg) => (arg.kind === 'pipe' ? `(${nodeText(arg)})` : nodeText(arg))).join(' ');
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'variable':
      return node.names.join('.');
    case 'field':
      return node.names.map((name) => `.${name}`).join('');
    case 'chain': {
      const target = nodeText(node.target);
      return (node.target.kind === 'pipe' ? `(${target})` : target) + node.names.map((name) => `.${name}`).join('');
    }
    case 'identifier':
      return node.name;
    case 'bool':
      return String(node.value);
    case 'number':
    case 'string':
      return node.text;
  }
}

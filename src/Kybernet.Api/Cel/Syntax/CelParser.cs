namespace Kybernet.Api.Cel;

/// <summary>Reads an expression. What it reads is nested no deeper than <see cref="MaxDepth"/>, so that nobody's stack overflows.</summary>
internal sealed class CelParser
{
    private const int MaxDepth = 250;
    private const int MaxCodePoints = 100_000;
    private const string Beginnings = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

    private static readonly Dictionary<string, (string Function, int Precedence)> Binary = new(StringComparer.Ordinal)
    {
        ["<"] = (CelOperators.Less, 1),
        ["<="] = (CelOperators.LessOrEqual, 1),
        [">"] = (CelOperators.Greater, 1),
        [">="] = (CelOperators.GreaterOrEqual, 1),
        ["=="] = (CelOperators.IsEqual, 1),
        ["!="] = (CelOperators.IsNotEqual, 1),
        ["in"] = (CelOperators.In, 1),
        ["+"] = (CelOperators.Add, 2),
        ["-"] = (CelOperators.Subtract, 2),
        ["*"] = (CelOperators.Multiply, 3),
        ["/"] = (CelOperators.Divide, 3),
        ["%"] = (CelOperators.Modulo, 3),
    };

    private readonly CelSource _source;
    private readonly List<CelToken> _tokens;
    private readonly CelMacros _macros;
    private int _at;
    private int _depth;

    private CelParser(CelSource source)
    {
        _source = source;
        _tokens = new CelLexer(source).Read();
        _macros = new CelMacros(source);
    }

    private CelToken Current => _tokens[_at];

    /// <summary>Reads the expression; null, with issues reported, where it is none.</summary>
    public static CelExpression? Parse(CelSource source)
    {
        if (CodePoints.Count(source.Text) is > MaxCodePoints and var size)
        {
            source.Report(0, $"expression code point size exceeds limit: size: {size}, limit {MaxCodePoints}");
            return null;
        }
        try
        {
            var parser = new CelParser(source);
            var expression = parser.Expression();
            if (parser.Current.Kind != CelTokenKind.End)
            {
                throw parser.Mismatched("<EOF>");
            }
            return source.HasIssues ? null : expression;
        }
        catch (SyntaxException exception)
        {
            source.Report(exception.Position, exception.Message);
            return null;
        }
    }

    private CelExpression Expression()
    {
        Descend();
        var condition = Or();
        if (Current.Is("?"))
        {
            var position = Take().Position;
            var whenTrue = Or();
            Expect(":");
            var whenFalse = Expression();
            condition = Call(position, CelOperators.Conditional, null, [condition, whenTrue, whenFalse]);
        }
        _depth--;
        return condition;
    }

    private CelExpression Or() => Logical("||", CelOperators.Or, () => Logical("&&", CelOperators.And, () => Operators(1)));

    /// <summary>A chain of one logical operator, as a balanced tree: long chains are common, and stay flat.</summary>
    private CelExpression Logical(string symbol, string function, Func<CelExpression> operand)
    {
        var first = operand();
        if (!Current.Is(symbol))
        {
            return first;
        }
        var operands = new List<CelExpression> { first };
        var positions = new List<int>();
        while (Current.Is(symbol))
        {
            positions.Add(Take().Position);
            operands.Add(operand());
        }
        return Balanced(0, operands.Count - 1);

        CelExpression Balanced(int low, int high)
        {
            if (low == high)
            {
                return operands[low];
            }
            var middle = (low + high) / 2;
            return Call(positions[middle], function, null, [Balanced(low, middle), Balanced(middle + 1, high)]);
        }
    }

    private CelExpression Operators(int precedence)
    {
        var left = Unary();
        while (Current.Kind == CelTokenKind.Symbol && Binary.TryGetValue(Current.Text, out var binary) && binary.Precedence >= precedence)
        {
            var position = Take().Position;
            var right = Operators(binary.Precedence + 1);
            left = Call(position, binary.Function, null, [left, right]);
        }
        return left;
    }

    private CelExpression Unary()
    {
        if (!Current.Is("!") && !Current.Is("-"))
        {
            return Member(Primary());
        }
        var operation = Take();
        var isOdd = true;
        while (Current.Is(operation.Text))
        {
            Take();
            isOdd = !isOdd;
        }
        if (operation.Is("-") && Current.Kind is CelTokenKind.Int or CelTokenKind.Double)
        {
            return Member(Literal(Take(), isOdd));
        }
        var operand = Member(Primary());
        return isOdd ? Call(operation.Position, operation.Is("!") ? CelOperators.Not : CelOperators.Negate, null, [operand]) : operand;
    }

    private CelExpression Member(CelExpression operand)
    {
        while (true)
        {
            if (Current.Is("."))
            {
                operand = Field(operand);
            }
            else if (Current.Is("["))
            {
                var position = Take().Position;
                var isOptional = TakeIf("?");
                var index = Expression();
                Expect("]");
                operand = Call(position, isOptional ? CelOperators.OptionalIndex : CelOperators.Index, null, [operand, index]);
            }
            else if (Current.Is("{") && TypeName(operand) is { } type)
            {
                operand = Object(type);
            }
            else
            {
                return operand;
            }
        }
    }

    private CelExpression Field(CelExpression operand)
    {
        var position = Take().Position;
        var isOptional = TakeIf("?");
        var field = Current.Kind == CelTokenKind.Identifier ? Take() : throw Mismatched("IDENTIFIER");
        if (isOptional || !Current.Is("("))
        {
            return Over(new SelectExpression(position, operand, field.Text, IsOptional: isOptional), operand);
        }
        position = Current.Position;
        return Call(position, field.Text, operand, Arguments());
    }

    private List<CelExpression> Arguments()
    {
        Expect("(");
        var arguments = new List<CelExpression>();
        if (!Current.Is(")"))
        {
            do
            {
                arguments.Add(Expression());
            }
            while (TakeIf(","));
        }
        Expect(")");
        return arguments;
    }

    private CelExpression Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case CelTokenKind.Int or CelTokenKind.Uint or CelTokenKind.Double or CelTokenKind.String or CelTokenKind.Bytes:
                return Literal(Take(), isNegative: false);
            case CelTokenKind.Identifier:
                return Name(isAbsolute: false);
            case CelTokenKind.Symbol when token.Value is { } constant:
                Take();
                return new ConstantExpression(token.Position, constant);
            case CelTokenKind.Symbol when token.Is("("):
                Take();
                var inner = Expression();
                Expect(")");
                return inner;
            case CelTokenKind.Symbol when token.Is("["):
                return List();
            case CelTokenKind.Symbol when token.Is("{"):
                return Map();
            case CelTokenKind.Symbol when token.Is("."):
                Take();
                return Current.Kind == CelTokenKind.Identifier ? Name(isAbsolute: true) : throw Mismatched("IDENTIFIER");
            default:
                throw Mismatched(Beginnings);
        }
    }

    private CelExpression Name(bool isAbsolute)
    {
        var name = Take();
        if (CelNames.IsReserved(name.Text))
        {
            throw new SyntaxException(name.Position, $"reserved identifier: {name.Text}");
        }
        if (!Current.Is("("))
        {
            return new IdentifierExpression(name.Position, name.Text, isAbsolute);
        }
        var position = Current.Position;
        return Call(position, name.Text, null, Arguments());
    }

    private ListExpression List()
    {
        var position = Take().Position;
        var items = new List<(CelExpression, bool)>();
        while (!Current.Is("]"))
        {
            var isOptional = TakeIf("?");
            items.Add((Expression(), isOptional));
            if (!TakeIf(","))
            {
                break;
            }
        }
        Expect("]");
        return Over(new ListExpression(position, items), [.. items.Select(static item => item.Item1)]);
    }

    private MapExpression Map()
    {
        var position = Take().Position;
        var entries = new List<MapEntry>();
        while (!Current.Is("}"))
        {
            var isOptional = TakeIf("?");
            var key = Expression();
            var colon = Expect(":").Position;
            entries.Add(new MapEntry(colon, key, Expression(), isOptional));
            if (!TakeIf(","))
            {
                break;
            }
        }
        Expect("}");
        return Over(new MapExpression(position, entries), [.. entries.SelectMany(static entry => new[] { entry.Key, entry.Value })]);
    }

    private ObjectExpression Object(string type)
    {
        var position = Take().Position;
        var entries = new List<ObjectEntry>();
        while (!Current.Is("}"))
        {
            var isOptional = TakeIf("?");
            var field = Current.Kind == CelTokenKind.Identifier ? Take() : throw Mismatched("IDENTIFIER");
            var colon = Expect(":").Position;
            entries.Add(new ObjectEntry(colon, field.Text, Expression(), isOptional));
            if (!TakeIf(","))
            {
                break;
            }
        }
        Expect("}");
        return Over(new ObjectExpression(position, type, entries), [.. entries.Select(static entry => entry.Value)]);
    }

    /// <summary>The name of a type, where names and dots are all that an expression is made of.</summary>
    internal static string? TypeName(CelExpression expression) => expression switch
    {
        IdentifierExpression name => name.Name,
        SelectExpression { IsTest: false, IsOptional: false } select when TypeName(select.Operand) is { } operand => $"{operand}.{select.Field}",
        _ => null,
    };

    private static ConstantExpression Literal(CelToken token, bool isNegative)
    {
        switch (token.Kind)
        {
            case CelTokenKind.Double when isNegative:
                return new ConstantExpression(token.Position, new CelDouble(-((CelDouble)token.Value!).Value));
            case CelTokenKind.Uint when token.Value is null:
                throw new SyntaxException(token.Position, "invalid uint literal");
            case CelTokenKind.Int:
                var magnitude = (token.Value as CelUint)?.Value ?? ulong.MaxValue;
                var limit = isNegative ? 1UL << 63 : long.MaxValue;
                return magnitude <= limit
                    ? new ConstantExpression(token.Position, new CelInt(unchecked(isNegative ? -(long)magnitude : (long)magnitude)))
                    : throw new SyntaxException(token.Position, "invalid int literal");
            default:
                return new ConstantExpression(token.Position, token.Value!);
        }
    }

    private CelExpression Call(int position, string function, CelExpression? target, IReadOnlyList<CelExpression> arguments)
    {
        var call = Over(new CallExpression(position, function, target, arguments), [target, .. arguments]);
        return _macros.Expand(call) is { } expanded ? Over(expanded, target, call) : call;
    }

    private static T Over<T>(T expression, params ReadOnlySpan<CelExpression?> parts)
        where T : CelExpression
    {
        var height = 0;
        foreach (var part in parts)
        {
            height = Math.Max(height, part?.Height ?? 0);
        }
        expression.Height = height + 1;
        return expression.Height < MaxDepth ? expression : throw TooDeep(expression.Position);
    }

    private void Descend()
    {
        if (++_depth >= MaxDepth)
        {
            throw TooDeep(Current.Position);
        }
    }

    private static SyntaxException TooDeep(int position) => new(position, $"expression recursion limit exceeded: {MaxDepth}");

    private CelToken Take() => _tokens[_at++];

    private bool TakeIf(string symbol)
    {
        if (!Current.Is(symbol))
        {
            return false;
        }
        _at++;
        return true;
    }

    private CelToken Expect(string symbol) => Current.Is(symbol) ? Take() : throw Mismatched($"'{symbol}'");

    private SyntaxException Mismatched(string expected) =>
        new(Current.Position, $"Syntax error: mismatched input '{Current.Text}' expecting {expected}");
}

/// <summary>Reading an expression ends here.</summary>
internal sealed class SyntaxException(int position, string message) : Exception(message)
{
    public int Position => position;
}

namespace Kybernet.Api.Cel;

/// <summary>A part of an expression with the type that its values have.</summary>
internal readonly record struct Typed(Node Node, CelType Type);

/// <summary>Checks an expression against what its environment declares, and makes it ready for evaluation.</summary>
internal sealed class CelCompiler
{
    private readonly CelEnvironment _environment;
    private readonly CelSource _source;
    private readonly TypeMapping _types = new();
    private readonly CallResolver _calls;
    private readonly Stack<(string Name, int Slot, CelType Type)> _scope = [];
    private readonly HashSet<string> _references = new(StringComparer.Ordinal);
    private int _slots;

    public CelCompiler(CelEnvironment environment, CelSource source)
    {
        _environment = environment;
        _source = source;
        _calls = new CallResolver(environment.Functions, _types, source);
    }

    /// <summary>How many values macros need a place for.</summary>
    public int Slots => _slots;

    /// <summary>The variables that the expression is about.</summary>
    public IReadOnlySet<string> References => _references;

    /// <summary>Compiles the whole expression. What is wrong with it is reported to its source.</summary>
    public Typed Compile(CelExpression expression)
    {
        var typed = Visit(expression);
        return typed with { Type = _types.Resolve(typed.Type) };
    }

    private Typed Visit(CelExpression expression)
    {
        var typed = Parts(expression);
        typed.Node.Type = _types.Known(typed.Type);
        return typed;
    }

    private Typed Parts(CelExpression expression) => expression switch
    {
        ConstantExpression constant => new Typed(new ConstantNode(constant.Value), constant.Value.Type),
        IdentifierExpression name => Identifier(name),
        SelectExpression select => Select(select),
        CallExpression call => Call(call),
        ListExpression list => List(list),
        MapExpression map => Map(map),
        ObjectExpression made => Object(made),
        BindExpression bind => Bind(bind),
        ComprehensionExpression comprehension => Comprehension(comprehension),
        _ => throw new ArgumentException("an expression of an unknown sort", nameof(expression)),
    };

    private Typed Identifier(IdentifierExpression name) => Resolve(name.Name, name.IsAbsolute) is { } known ? known : Undeclared(name.Position, name.Name);

    private Typed? Resolve(string name, bool isAbsolute)
    {
        foreach (var local in _scope)
        {
            if (!isAbsolute && local.Name == name)
            {
                return new Typed(new LocalNode(local.Slot), local.Type);
            }
        }
        if (_environment.FindVariable(name) is { } variable)
        {
            _references.Add(name);
            return new Typed(new VariableNode(name), variable);
        }
        return _environment.FindType(name) is { } type ? new Typed(new ConstantNode(new CelTypeValue(type)), CelType.TypeOf(type)) : null;
    }

    private Typed Undeclared(int position, string name)
    {
        _source.Report(position, $"undeclared reference to '{name}' (in container '')");
        return Failed;
    }

    private static Typed Failed => new(new ConstantNode(new CelError("the expression is invalid")), CelType.Dyn);

    /// <summary>Whether an expression begins with a name that means a value: a dotted name is no function's or type's then.</summary>
    private bool BeginsWithVariable(CelExpression expression) => expression switch
    {
        SelectExpression select => BeginsWithVariable(select.Operand),
        IdentifierExpression name => _scope.Any(local => local.Name == name.Name) || _environment.FindVariable(name.Name) is not null,
        _ => true,
    };

    private Typed Select(SelectExpression select)
    {
        // A variable's name may have dots: authorizer.requestResource.
        if (!select.IsTest && CelParser.TypeName(select) is { } dotted && _environment.FindVariable(dotted) is not null && Resolve(dotted, isAbsolute: true) is { } variable)
        {
            return variable;
        }
        if (!select.IsTest && !BeginsWithVariable(select) && CelParser.TypeName(select) is { } name)
        {
            return _environment.FindType(name) is { } named ? new Typed(new ConstantNode(new CelTypeValue(named)), CelType.TypeOf(named)) : Undeclared(Root(select), RootName(name));
        }
        var operand = Visit(select.Operand);
        var type = _types.Known(operand.Type);
        var isOptional = select.IsOptional || type.IsOptional;
        var field = Field(type.IsOptional ? _types.Known(type.Parameters[0]) : type, select);
        return select.IsTest
            ? new Typed(new TestNode(operand.Node, select.Field), CelType.Bool)
            : new Typed(new SelectNode(operand.Node, select.Field, select.IsOptional), isOptional && !field.IsOptional ? CelType.OptionalOf(field) : field);
    }

    private static int Root(CelExpression expression) => expression is SelectExpression select ? Root(select.Operand) : expression.Position;

    private static string RootName(string name) => name.Split('.')[0];

    private CelType Field(CelType type, SelectExpression select)
    {
        switch (type.Kind)
        {
            case CelKind.Object when ((CelObjectType)type).Find(select.Field) is { } field:
                return field.Type;
            case CelKind.Object:
                _source.Report(select.Position, $"undefined field '{select.Field}'");
                return CelType.Dyn;
            case CelKind.Map:
                return type.Parameters[1];
            case CelKind.Dyn or CelKind.Parameter:
                return CelType.Dyn;
            default:
                _source.Report(select.Position, $"type '{type}' does not support field selection");
                return CelType.Dyn;
        }
    }

    private Typed Call(CallExpression call)
    {
        if (call.Target is { } target && !BeginsWithVariable(target) && CelParser.TypeName(target) is { } qualifier
            && _environment.Functions.Find($"{qualifier}.{call.Function}") is not null)
        {
            return _calls.Resolve(call.Position, $"{qualifier}.{call.Function}", null, [.. call.Arguments.Select(Visit)]);
        }
        return _calls.Resolve(
            call.Position, call.Function, call.Target is null ? null : Visit(call.Target), [.. call.Arguments.Select(argument => Argument(call.Function, argument))]);
    }

    /// <summary>What is formatted may be of as many types as there are clauses.</summary>
    private Typed Argument(string function, CelExpression argument) => function == "format" && argument is ListExpression list ? List(list, isMixed: true) : Visit(argument);

    private Typed List(ListExpression list, bool isMixed = false)
    {
        var item = isMixed ? CelType.Dyn : null;
        var nodes = new (Node, bool)[list.Items.Count];
        for (var i = 0; i < nodes.Length; i++)
        {
            var (expression, isOptional) = list.Items[i];
            var typed = Visit(expression);
            nodes[i] = (typed.Node, isOptional);
            item = Join(item, isOptional ? Unwrap(typed.Type, expression.Position) : typed.Type, expression.Position);
        }
        return new Typed(new ListNode(nodes), CelType.ListOf(item ?? _types.Fresh()));
    }

    private Typed Map(MapExpression map)
    {
        CelType? keyType = null;
        CelType? valueType = null;
        var nodes = new (Node, Node, bool)[map.Entries.Count];
        for (var i = 0; i < nodes.Length; i++)
        {
            var entry = map.Entries[i];
            var (key, value) = (Visit(entry.Key), Visit(entry.Value));
            nodes[i] = (key.Node, value.Node, entry.IsOptional);
            keyType = Join(keyType, key.Type, entry.Key.Position);
            valueType = Join(valueType, entry.IsOptional ? Unwrap(value.Type, entry.Value.Position) : value.Type, entry.Value.Position);
        }
        return new Typed(new MapNode(nodes), CelType.MapOf(keyType ?? _types.Fresh(), valueType ?? _types.Fresh()));
    }

    /// <summary>The type that all parts of a list or map have: parts of different types are a mistake more often than they are meant.</summary>
    private CelType Join(CelType? known, CelType found, int position)
    {
        if (known is null)
        {
            return found;
        }
        if (_types.TryAssign([known], [found]))
        {
            return _types.MostGeneral(known, found);
        }
        Mismatch(position, known, found);
        return known;
    }

    private CelType Unwrap(CelType type, int position)
    {
        var item = _types.Fresh();
        if (!_types.TryAssign([CelType.OptionalOf(item)], [type]))
        {
            Mismatch(position, CelType.OptionalOf(type), type);
        }
        return item;
    }

    private void Mismatch(int position, CelType expected, CelType found) =>
        _source.Report(position, $"expected type '{_types.Resolve(expected)}' but found '{_types.Resolve(found)}'");

    private Typed Object(ObjectExpression made)
    {
        if (_environment.FindType(made.Type) is not CelObjectType type)
        {
            return Undeclared(made.Position, made.Type);
        }
        var nodes = new (string, Node, bool)[made.Entries.Count];
        for (var i = 0; i < nodes.Length; i++)
        {
            var entry = made.Entries[i];
            var value = Visit(entry.Value);
            if (type.Find(entry.Field) is not { } field)
            {
                _source.Report(entry.Position, $"undefined field '{entry.Field}'");
                continue;
            }
            var found = entry.IsOptional ? Unwrap(value.Type, entry.Value.Position) : value.Type;
            if (!_types.TryAssign([field.Type], [found]))
            {
                _source.Report(entry.Position, $"expected type of field '{entry.Field}' is '{field.Type}' but provided type is '{_types.Resolve(found)}'");
            }
            nodes[i] = (entry.Field, value.Node, entry.IsOptional);
        }
        return new Typed(new ObjectNode(type, nodes), type);
    }

    private Typed Bind(BindExpression bind)
    {
        var value = Visit(bind.Value);
        var slot = Enter(bind.Name, value.Type);
        var body = Visit(bind.Body);
        _scope.Pop();
        return new Typed(new BindNode(slot, value.Node, body.Node), body.Type);
    }

    private int Enter(string name, CelType type)
    {
        _scope.Push((name, _slots, type));
        return _slots++;
    }

    private Typed Comprehension(ComprehensionExpression comprehension)
    {
        var range = Visit(comprehension.Range);
        var (first, other) = ItemTypes(_types.Known(range.Type), comprehension);
        var slot = Enter(comprehension.Variable, first);
        var second = comprehension.Second is { } name ? Enter(name, other) : -1;
        var condition = comprehension.Condition is { } expression ? Visit(expression) : (Typed?)null;
        var transform = comprehension.Transform is { } body ? Visit(body) : (Typed?)null;
        _scope.Pop();
        if (second >= 0)
        {
            _scope.Pop();
        }
        var type = ResultType(comprehension, first, transform);
        if (condition is { } test && !_types.TryAssign([CelType.Bool], [test.Type]))
        {
            ConditionMismatch(comprehension, test.Type, type);
        }
        return new Typed(new ComprehensionNode(comprehension.Kind, range.Node, slot, second, condition?.Node, transform?.Node), type);
    }

    private CelType ResultType(ComprehensionExpression comprehension, CelType key, Typed? transform)
    {
        switch (comprehension.Kind)
        {
            case ComprehensionKind.Map:
                return CelType.ListOf(transform!.Value.Type);
            case ComprehensionKind.TransformMap:
                return CelType.MapOf(key, transform!.Value.Type);
            case ComprehensionKind.TransformMapEntry:
                var (entryKey, entryValue) = (_types.Fresh(), _types.Fresh());
                if (!_types.TryAssign([CelType.MapOf(entryKey, entryValue)], [transform!.Value.Type]))
                {
                    Mismatch(comprehension.Transform!.Position, CelType.Map, transform.Value.Type);
                }
                return CelType.MapOf(entryKey, entryValue);
            default:
                return CelType.Bool;
        }
    }

    /// <summary>Upstream's macros are written out as operators, and so are its errors about them.</summary>
    private void ConditionMismatch(ComprehensionExpression comprehension, CelType found, CelType result)
    {
        var (function, types) = comprehension.Kind switch
        {
            ComprehensionKind.All => (CelOperators.And, $"bool, {_types.Resolve(found)}"),
            ComprehensionKind.Exists => (CelOperators.Or, $"bool, {_types.Resolve(found)}"),
            ComprehensionKind.ExistsOne => (CelOperators.Conditional, $"{_types.Resolve(found)}, int, int"),
            _ => (CelOperators.Conditional, $"{_types.Resolve(found)}, {_types.Resolve(result)}, {_types.Resolve(result)}"),
        };
        _source.Report(comprehension.Position, $"found no matching overload for '{function}' applied to '({types})'");
    }

    /// <summary>What a macro's variables stand for.</summary>
    private (CelType First, CelType Second) ItemTypes(CelType range, ComprehensionExpression comprehension)
    {
        switch (range.Kind)
        {
            case CelKind.List:
                return comprehension.Second is null ? (range.Parameters[0], CelType.Dyn) : (CelType.Int, range.Parameters[0]);
            case CelKind.Map:
                return (range.Parameters[0], range.Parameters[1]);
            case CelKind.Dyn or CelKind.Parameter:
                return (CelType.Dyn, CelType.Dyn);
            default:
                _source.Report(comprehension.Range.Position, $"expression of type '{range}' cannot be range of a comprehension (must be list, map, or dynamic)");
                return (CelType.Dyn, CelType.Dyn);
        }
    }
}

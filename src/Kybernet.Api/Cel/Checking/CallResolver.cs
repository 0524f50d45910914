namespace Kybernet.Api.Cel;

/// <summary>Finds the ways of calling a function that fit what is known of its arguments.</summary>
internal sealed class CallResolver(CelFunctions functions, TypeMapping types, CelSource source)
{
    private static readonly CelType A = CelType.Parameter("A");

    /// <summary>Makes a call; one that fits nothing is reported.</summary>
    public Typed Resolve(int position, string function, Typed? target, Typed[] arguments)
    {
        switch (function)
        {
            case CelOperators.And or CelOperators.Or when Match(position, function, arguments, CelType.Bool, CelType.Bool, CelType.Bool) is { } type:
                return new Typed(new LogicNode(function == CelOperators.Or, arguments[0].Node, arguments[1].Node), type);
            case CelOperators.Conditional when Match(position, function, arguments, A, CelType.Bool, A, A) is { } type:
                return new Typed(new ConditionalNode(arguments[0].Node, arguments[1].Node, arguments[2].Node), type);
            case CelOperators.And or CelOperators.Or or CelOperators.Conditional:
                return new Typed(arguments[0].Node, CelType.Dyn);
            case CelOperators.Index or CelOperators.OptionalIndex:
                return Index(position, function, arguments);
        }
        if (functions.Find(function) is not { } overloads)
        {
            source.Report(position, $"undeclared reference to '{function}' (in container '')");
            return new Typed(new ConstantNode(CelError.NoSuchOverload), CelType.Dyn);
        }
        Typed[] all = target is null ? arguments : [target.Value, .. arguments];
        var found = new List<CelOverload>();
        var result = Candidates(overloads, target is not null, [.. all.Select(static argument => argument.Type)], found);
        if (result is null)
        {
            NoMatch(position, function, target, arguments);
            return new Typed(new ConstantNode(CelError.NoSuchOverload), CelType.Dyn);
        }
        ConstantArguments.Check(function, all, position, source);
        return new Typed(new CallNode(function, found, [.. all.Select(static argument => argument.Node)]), result);
    }

    /// <summary>The type of the result: anything where several ways fit that answer with different types.</summary>
    private CelType? Candidates(IReadOnlyList<CelOverload> overloads, bool isMember, CelType[] arguments, List<CelOverload> found)
    {
        CelType? result = null;
        foreach (var overload in overloads)
        {
            if (overload.IsMember != isMember || overload.Parameters.Count != arguments.Length)
            {
                continue;
            }
            var fresh = new Dictionary<string, CelType>(StringComparer.Ordinal);
            CelType[] parameters = [.. overload.Parameters.Select(parameter => types.Instantiate(parameter, fresh))];
            if (!types.TryAssign(parameters, arguments))
            {
                continue;
            }
            found.Add(overload);
            var type = types.Known(types.Instantiate(overload.Result, fresh));
            result = result is null || result.ToString() == type.ToString() ? type : CelType.Dyn;
        }
        return result;
    }

    private CelType? Match(int position, string function, Typed[] arguments, CelType result, params CelType[] parameters)
    {
        var fresh = new Dictionary<string, CelType>(StringComparer.Ordinal);
        CelType[] wanted = [.. parameters.Select(parameter => types.Instantiate(parameter, fresh))];
        if (types.TryAssign(wanted, [.. arguments.Select(static argument => argument.Type)]))
        {
            return types.Known(types.Instantiate(result, fresh));
        }
        NoMatch(position, function, null, arguments);
        return null;
    }

    private Typed Index(int position, string function, Typed[] arguments)
    {
        var isOptional = function == CelOperators.OptionalIndex;
        var node = new IndexNode(arguments[0].Node, arguments[1].Node, isOptional);
        var (container, index) = (types.Known(arguments[0].Type), arguments[1].Type);
        if (container.IsOptional)
        {
            (container, isOptional) = (types.Known(container.Parameters[0]), true);
        }
        CelType? item = container.Kind switch
        {
            CelKind.Dyn or CelKind.Parameter => CelType.Dyn,
            CelKind.List when types.TryAssign([CelType.Int], [index]) => container.Parameters[0],
            CelKind.Map when types.TryAssign([container.Parameters[0]], [index]) => container.Parameters[1],
            _ => null,
        };
        if (item is null)
        {
            NoMatch(position, function, null, arguments);
        }
        return new Typed(node, isOptional ? CelType.OptionalOf(item ?? CelType.Dyn) : item ?? CelType.Dyn);
    }

    private void NoMatch(int position, string function, Typed? target, Typed[] arguments)
    {
        var list = string.Join(", ", arguments.Select(argument => types.Resolve(argument.Type).ToString()));
        var applied = target is null ? $"({list})" : $"{types.Resolve(target.Value.Type)}.({list})";
        source.Report(position, $"found no matching overload for '{function}' applied to '{applied}'");
    }
}

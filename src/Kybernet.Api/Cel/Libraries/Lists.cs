namespace Kybernet.Api.Cel;

/// <summary>What can be asked of lists, and of lists as sets.</summary>
internal static class Lists
{
    private static readonly CelType A = CelType.Parameter("A");
    private static readonly CelType Items = CelType.ListOf(A);

    public static void Declare(CelFunctions functions)
    {
        CelType[] ordered =
        [
            CelType.Int, CelType.Uint, CelType.Double, CelType.Bool, CelType.Duration, CelType.Timestamp, CelType.String, CelType.Bytes,
        ];
        foreach (var type in ordered)
        {
            var list = CelType.ListOf(type);
            functions.Member("isSorted", [list], CelType.Bool, static arguments => IsSorted((CelList)arguments[0]), Costs.Items);
            functions.Member("min", [list], type, static arguments => Extreme((CelList)arguments[0], "min", -1), Costs.Items);
            functions.Member("max", [list], type, static arguments => Extreme((CelList)arguments[0], "max", 1), Costs.Items);
        }
        Sum(functions, CelType.Int, new CelInt(0));
        Sum(functions, CelType.Uint, new CelUint(0));
        Sum(functions, CelType.Double, new CelDouble(0));
        Sum(functions, CelType.Duration, CelDuration.Of(TimeSpan.Zero));
        functions.Member("indexOf", [Items, A], CelType.Int, static arguments => Find((CelList)arguments[0], arguments[1], fromEnd: false), Costs.Items);
        functions.Member("lastIndexOf", [Items, A], CelType.Int, static arguments => Find((CelList)arguments[0], arguments[1], fromEnd: true), Costs.Items);
        functions.Global(
            "sets.contains", [Items, Items], CelType.Bool,
            static arguments => CelBool.Of(Contains((CelList)arguments[0], (CelList)arguments[1])), Costs.Product);
        functions.Global(
            "sets.equivalent", [Items, Items], CelType.Bool,
            static arguments => CelBool.Of(Contains((CelList)arguments[0], (CelList)arguments[1]) && Contains((CelList)arguments[1], (CelList)arguments[0])), Costs.Product);
        functions.Global(
            "sets.intersects", [Items, Items], CelType.Bool,
            static arguments => CelBool.Of(Intersects((CelList)arguments[0], (CelList)arguments[1])), Costs.Product);
    }

    private static void Sum(CelFunctions functions, CelType type, CelValue zero)
    {
        var add = functions.Find(CelOperators.Add)!;
        functions.Member("sum", [CelType.ListOf(type)], type, arguments => Add((CelList)arguments[0], zero, add), Costs.Items);
    }

    /// <summary>The sum of the items. Nothing may have declared of what type they are: the first item tells then.</summary>
    private static CelValue Add(CelList list, CelValue zero, IReadOnlyList<CelOverload> add)
    {
        var sum = list.Count == 0 ? zero : list[0];
        for (var i = 1; i < list.Count && sum is not CelError; i++)
        {
            CelValue[] pair = [sum, list[i]];
            sum = add.FirstOrDefault(overload => overload.Takes(pair))?.Invoke(pair) ?? CelError.NoSuchOverload;
        }
        return sum;
    }

    private static CelValue IsSorted(CelList list)
    {
        for (var i = 1; i < list.Count; i++)
        {
            if (Operators.Compare(list[i - 1], list[i]) is not { } order)
            {
                return CelError.NoSuchOverload;
            }
            if (order > 0)
            {
                return CelBool.False;
            }
        }
        return CelBool.True;
    }

    private static CelValue Extreme(CelList list, string name, int wanted)
    {
        if (list.Count == 0)
        {
            return new CelError($"{name} called on empty list");
        }
        var extreme = list[0];
        for (var i = 1; i < list.Count; i++)
        {
            if (Operators.Compare(list[i], extreme) is not { } order)
            {
                return CelError.NoSuchOverload;
            }
            extreme = Math.Sign(order) == wanted ? list[i] : extreme;
        }
        return extreme;
    }

    private static CelInt Find(CelList list, CelValue item, bool fromEnd)
    {
        for (var i = 0; i < list.Count; i++)
        {
            var at = fromEnd ? list.Count - 1 - i : i;
            if (list[at].Same(item))
            {
                return new CelInt(at);
            }
        }
        return new CelInt(-1);
    }

    private static bool Contains(CelList all, CelList part)
    {
        for (var i = 0; i < part.Count; i++)
        {
            if (!all.Contains(part[i]))
            {
                return false;
            }
        }
        return true;
    }

    private static bool Intersects(CelList left, CelList right)
    {
        for (var i = 0; i < left.Count; i++)
        {
            if (right.Contains(left[i]))
            {
                return true;
            }
        }
        return false;
    }
}

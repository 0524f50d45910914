namespace Kybernet.Api.Cel;

/// <summary>What type parameters were found to stand for while an expression is checked.</summary>
internal sealed class TypeMapping
{
    private Dictionary<string, CelType> _bound = new(StringComparer.Ordinal);
    private int _next;

    /// <summary>A type parameter that stands for nothing yet.</summary>
    public CelType Fresh() => CelType.Parameter($"_var{_next++}");

    /// <summary>A copy of a function's types, with parameters of its own.</summary>
    public CelType Instantiate(CelType type, Dictionary<string, CelType> fresh)
    {
        if (type.Kind == CelKind.Parameter)
        {
            if (!fresh.TryGetValue(type.Name, out var own))
            {
                fresh.Add(type.Name, own = Fresh());
            }
            return own;
        }
        return type.Parameters.Count == 0 ? type : type.With([.. type.Parameters.Select(parameter => Instantiate(parameter, fresh))]);
    }

    /// <summary>Whether values of one type each can be used where others are wanted; what parameters stand for is remembered only if so.</summary>
    public bool TryAssign(IReadOnlyList<CelType> wanted, IReadOnlyList<CelType> found)
    {
        var before = new Dictionary<string, CelType>(_bound, StringComparer.Ordinal);
        for (var i = 0; i < wanted.Count; i++)
        {
            if (!Assign(wanted[i], found[i]))
            {
                _bound = before;
                return false;
            }
        }
        return true;
    }

    /// <summary>The type with everything in it that is known; what is not may be anything.</summary>
    public CelType Resolve(CelType type) => Substitute(type, CelType.Dyn);

    /// <summary>The type with everything in it that is known so far.</summary>
    public CelType Known(CelType type) => Substitute(type, null);

    /// <summary>The more general of two types of which one can be assigned to the other.</summary>
    public CelType MostGeneral(CelType left, CelType right) => Known(right).IsDyn ? right : left;

    private CelType Substitute(CelType type, CelType? unknown)
    {
        type = Follow(type);
        if (type.Kind == CelKind.Parameter)
        {
            return unknown ?? type;
        }
        return type.Parameters.Count == 0 || type.Kind == CelKind.Type ? type : type.With([.. type.Parameters.Select(parameter => Substitute(parameter, unknown))]);
    }

    private CelType Follow(CelType type)
    {
        while (type.Kind == CelKind.Parameter && _bound.TryGetValue(type.Name, out var bound))
        {
            type = bound;
        }
        return type;
    }

    private bool Assign(CelType wanted, CelType found)
    {
        (wanted, found) = (Follow(wanted), Follow(found));
        if (ReferenceEquals(wanted, found))
        {
            return true;
        }
        if (wanted.Kind == CelKind.Parameter)
        {
            return Bind(wanted, found);
        }
        if (found.Kind == CelKind.Parameter)
        {
            return Bind(found, wanted);
        }
        if (wanted.IsDyn || found.IsDyn)
        {
            return true;
        }
        if (found.Kind == CelKind.Null || wanted.Kind == CelKind.Null)
        {
            var other = found.Kind == CelKind.Null ? wanted : found;
            return other.Kind is CelKind.Null or CelKind.Object or CelKind.Opaque or CelKind.Timestamp or CelKind.Duration;
        }
        if (wanted.Kind != found.Kind || wanted.Name != found.Name || wanted.Parameters.Count != found.Parameters.Count)
        {
            return wanted.Kind == CelKind.Type && found.Kind == CelKind.Type;
        }
        for (var i = 0; i < wanted.Parameters.Count; i++)
        {
            if (!Assign(wanted.Parameters[i], found.Parameters[i]))
            {
                return false;
            }
        }
        return true;
    }

    private bool Bind(CelType parameter, CelType type)
    {
        if (Contains(type, parameter))
        {
            return false;
        }
        _bound[parameter.Name] = type;
        return true;
    }

    private bool Contains(CelType type, CelType parameter)
    {
        type = Follow(type);
        return ReferenceEquals(type, parameter) || type.Parameters.Any(part => Contains(part, parameter));
    }
}

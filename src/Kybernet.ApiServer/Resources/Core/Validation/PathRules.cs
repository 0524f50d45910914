using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>What paths inside volumes may look like.</summary>
internal static class PathRules
{
    /// <summary>A path that stays below where it starts: relative, without <c>..</c>.</summary>
    public static void Descending(string value, FieldPath path, FieldErrors errors)
    {
        if (value.StartsWith('/'))
        {
            errors.Invalid(path, value, "must be a relative path");
        }
        NoBacksteps(value, path, errors);
    }

    /// <summary>A descending path that does not begin with <c>..</c>, which names files of the kubelet's own.</summary>
    public static void NonReserved(string value, FieldPath path, FieldErrors errors)
    {
        Descending(value, path, errors);
        if (value.StartsWith("..", StringComparison.Ordinal) && !value.StartsWith("../", StringComparison.Ordinal))
        {
            errors.Invalid(path, value, "must not start with '..'");
        }
    }

    /// <summary>A path without <c>..</c>.</summary>
    public static void NoBacksteps(string value, FieldPath path, FieldErrors errors)
    {
        if (HasBackstep(value))
        {
            errors.Invalid(path, value, "must not contain '..'");
        }
    }

    /// <summary>Whether one of a path's elements is <c>..</c>.</summary>
    public static bool HasBackstep(string value)
    {
        if (!value.Contains("..", StringComparison.Ordinal))
        {
            return false;
        }
        foreach (var range in value.AsSpan().Split('/'))
        {
            if (value.AsSpan(range) is "..")
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The permission bits of a file.</summary>
    public static void Mode(int? mode, FieldPath parent, string field, FieldErrors errors)
    {
        if (mode is < 0 or > 511)
        {
            errors.Invalid(parent.Child(field), mode.Value, FieldRules.FileMode);
        }
    }
}

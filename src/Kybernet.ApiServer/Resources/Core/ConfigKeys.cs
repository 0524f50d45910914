using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>The keys of ConfigMaps and Secrets: they become the names of files.</summary>
internal static class ConfigKeys
{
    private const int MaxLength = 253;

    private const string FormMessage =
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', " +
        "regex used for validation is '[-._a-zA-Z0-9]+')";

    /// <summary>Says what is wrong with a key of a map.</summary>
    public static void Validate(string key, FieldPath map, FieldErrors errors)
    {
        if (key.Length <= MaxLength && HasForm(key) && key[0] != '.')
        {
            return;
        }
        var path = map.Key(key);
        Explain(key, message => errors.Invalid(path, key, message));
    }

    /// <summary>Says what is wrong with a key that is the value of a field.</summary>
    public static void ValidateReference(string key, FieldPath path, FieldErrors errors)
    {
        if (key.Length > MaxLength || !HasForm(key) || key[0] == '.')
        {
            Explain(key, message => errors.Invalid(path, key, message));
        }
    }

    private static void Explain(string key, Action<string> report)
    {
        if (key.Length > MaxLength)
        {
            report($"must be no more than {MaxLength} bytes");
        }
        if (!HasForm(key))
        {
            report(FormMessage);
        }
        if (key == ".")
        {
            report("must not be '.'");
        }
        else if (key == "..")
        {
            report("must not be '..'");
        }
        else if (key.StartsWith("..", StringComparison.Ordinal))
        {
            report("must not start with '..'");
        }
    }

    private static bool HasForm(string key)
    {
        foreach (var character in key)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
            {
                return false;
            }
        }
        return key.Length > 0;
    }
}

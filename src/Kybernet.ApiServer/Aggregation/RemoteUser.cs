using System.Text;
using Kybernet.ApiServer.Authentication;

namespace Kybernet.ApiServer.Aggregation;

/// <summary>Tells the servers behind this one who asks: they believe it for the certificate that it comes with.</summary>
internal static class RemoteUser
{
    private const string Prefix = "X-Remote-";

    /// <summary>Says who asks, and nothing that a client says of itself in the same words.</summary>
    public static void Set(HttpRequestMessage message, UserInfo user)
    {
        foreach (var name in message.Headers.NonValidated.Select(static header => header.Key).Where(static name => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            message.Headers.Remove(name);
        }
        message.Headers.TryAddWithoutValidation(Prefix + "User", user.Name);
        if (user.Uid.Length > 0)
        {
            message.Headers.TryAddWithoutValidation(Prefix + "Uid", user.Uid);
        }
        message.Headers.TryAddWithoutValidation(Prefix + "Group", user.Groups);
        foreach (var (key, values) in user.Extra)
        {
            message.Headers.TryAddWithoutValidation($"{Prefix}Extra-{Escape(key)}", values);
        }
    }

    // What no header's name can hold is told in percent signs.
    private static string Escape(string key)
    {
        var name = new StringBuilder(key.Length);
        foreach (var value in Encoding.UTF8.GetBytes(key))
        {
            var c = (char)value;
            if (char.IsAsciiLetterOrDigit(c) || "!#$&'*+-.^_`|~".Contains(c, StringComparison.Ordinal))
            {
                name.Append(c);
            }
            else
            {
                name.Append('%').Append(value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }
        return name.ToString();
    }
}

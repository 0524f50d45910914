using System.Globalization;
using System.Text;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest;

/// <summary>Where a paged list goes on: the revision that all its pages are read at, and the last key that was read. Opaque to clients.</summary>
/// <param name="Revision">The revision; 0 for whatever there is by now, where the one that the list began at is no longer kept.</param>
/// <param name="After">The key inside the resource.</param>
internal readonly record struct ContinueToken(long Revision, string After)
{
    /// <summary>Reads a token.</summary>
    /// <exception cref="ApiError">400: it is none of ours.</exception>
    public static ContinueToken Parse(string token)
    {
        var bytes = new byte[token.Length];
        if (Convert.TryFromBase64String(token.Replace('-', '+').Replace('_', '/').PadRight((token.Length + 3) / 4 * 4, '='), bytes, out var count))
        {
            var text = Encoding.UTF8.GetString(bytes, 0, count);
            var colon = text.IndexOf(':');
            if (colon > 0 && long.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
            {
                return new ContinueToken(revision, text[(colon + 1)..]);
            }
        }
        throw ApiError.BadRequest("continue key is not valid: the token is malformed");
    }

    /// <inheritdoc/>
    public override string ToString() => Convert.ToBase64String(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{Revision}:{After}"))).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}

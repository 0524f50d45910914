using System.Net.Http.Headers;
using System.Text;

namespace Kybernet.Client;

/// <summary>What a request is authorised with where that is not a certificate. A token in a file is read again every minute: the kubelet renews it.</summary>
internal sealed class BearerToken(string? file, AuthenticationHeaderValue? header, TimeProvider time)
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private AuthenticationHeaderValue? _header = header;
    private long _readAt;

    public static BearerToken? From(ConnectionSettings settings, TimeProvider time)
    {
        if (settings.TokenFile is { Length: > 0 } file)
        {
            return new BearerToken(file, null, time);
        }
        if (settings.Token is { Length: > 0 } token)
        {
            return new BearerToken(null, new AuthenticationHeaderValue("Bearer", token), time);
        }
        if (settings.Username is { Length: > 0 } user)
        {
            var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{settings.Password}"));
            return new BearerToken(null, new AuthenticationHeaderValue("Basic", basic), time);
        }
        return null;
    }

    /// <exception cref="ApiUnavailableException">The file cannot be read.</exception>
    public AuthenticationHeaderValue? Header()
    {
        if (file is null)
        {
            return _header;
        }
        lock (_gate)
        {
            if (_header is null || time.GetElapsedTime(_readAt) > ReadAgainAfter)
            {
                try
                {
                    _header = new AuthenticationHeaderValue("Bearer", File.ReadAllText(file).Trim());
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    throw new ApiUnavailableException($"the token file cannot be read: {exception.Message}", exception);
                }
                _readAt = time.GetTimestamp();
            }
            return _header;
        }
    }
}

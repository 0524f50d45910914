using Kybernet.ApiServer.Admission.Configuration;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Webhooks;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Authentication.Jwt;

/// <summary>
/// Authenticates as an AuthenticationConfiguration says, which may change while the server runs: the file is looked at now and then. One that makes no
/// sense changes nothing.
/// </summary>
internal sealed partial class StructuredAuthentication : ITokenAuthenticator, IDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(10);

    private readonly AuthenticationOptions _options;
    private readonly AuthenticationConfigurationReader _reader;
    private readonly TargetConnections _connections;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private string _text = "";
    private State _state;

    /// <exception cref="ConfigurationException">What is configured makes no sense.</exception>
    public StructuredAuthentication(AuthenticationOptions options, string ownIssuer, TargetConnections connections, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _reader = new AuthenticationConfigurationReader(ownIssuer);
        _connections = connections;
        _time = time;
        _loggers = loggers;
        _logger = loggers.CreateLogger<StructuredAuthentication>();
        _state = Make(First());
    }

    /// <summary>Whether a request without credentials goes on, as far as the roles let it.</summary>
    public bool AllowsAnonymous(ApiRequest request) => _state.Anonymous.Allows(request.Path);

    /// <inheritdoc />
    public async ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        foreach (var issuer in _state.Issuers)
        {
            if (await issuer.Cached.AuthenticateAsync(token, audiences, cancellationToken) is { } identity)
            {
                return identity;
            }
        }
        return null;
    }

    /// <summary>Follows the file until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_options.ConfigurationPath.Length == 0)
        {
            return;
        }
        using var timer = new PeriodicTimer(LookAgain, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            Reload();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _state.Dispose();

    private AuthenticationConfiguration First()
    {
        if (_options.ConfigurationPath.Length == 0)
        {
            return _options.Oidc is { } oidc ? _reader.Read(oidc.ToConfiguration(), oidc.SigningAlgorithms) : new AuthenticationConfiguration([], null);
        }
        if (_options.Oidc is not null)
        {
            throw new ConfigurationException("authentication-config file and oidc-* flags are mutually exclusive");
        }
        return Load(_text = ConfigurationFile.ReadText(_options.ConfigurationPath));
    }

    private void Reload()
    {
        try
        {
            var text = ConfigurationFile.ReadText(_options.ConfigurationPath);
            if (text != _text)
            {
                _text = text;
                // Tokens that are being judged are judged by what was said before; nothing of it has to be closed before they are.
                _state = Make(Load(text));
                LogReloaded(_options.ConfigurationPath);
            }
        }
        catch (ConfigurationException exception)
        {
            LogNotReloaded(_options.ConfigurationPath, exception.Message);
        }
    }

    private AuthenticationConfiguration Load(string text)
    {
        var configuration = _reader.Read(ConfigurationFile.Parse(text, _options.ConfigurationPath));
        return configuration.Anonymous is null || _options.Anonymous is null
            ? configuration
            : throw new ConfigurationException("anonymous: can't be set while --anonymous-auth is set");
    }

    private State Make(AuthenticationConfiguration configuration) => new(
        [.. configuration.Jwt.Select(Make)], configuration.Anonymous ?? new AnonymousAccess(_options.Anonymous ?? true, []));

    private Issuer Make(JwtSettings settings)
    {
        var authenticator = new JwtAuthenticator(settings, new IssuerKeys(settings.Issuer, _connections, _time), _time, _loggers.CreateLogger<JwtAuthenticator>());
        return new Issuer(authenticator, new CachedTokenAuthenticator(authenticator, Remembered, _time));
    }

    [LoggerMessage(LogLevel.Information, "{File} has changed, and is followed")]
    private partial void LogReloaded(string file);

    [LoggerMessage(LogLevel.Error, "{File} has changed, but makes no sense, and what it said before goes on: {Reason}")]
    private partial void LogNotReloaded(string file, string reason);

    private sealed record Issuer(JwtAuthenticator Authenticator, ITokenAuthenticator Cached);

    private sealed record State(IReadOnlyList<Issuer> Issuers, AnonymousAccess Anonymous) : IDisposable
    {
        public void Dispose()
        {
            foreach (var issuer in Issuers)
            {
                issuer.Authenticator.Dispose();
            }
        }
    }
}

using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Kubelet.Runtime;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Images;

/// <summary>
/// Asks the node's credential provider plugins (<c>credentialprovider.kubelet.k8s.io</c>): a program gets a request on its standard input, answers on its
/// standard output, and says how long and for what the answer is good.
/// </summary>
/// <param name="providers">The plugins.</param>
/// <param name="folder">Where their programs are.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it tells of those that fail.</param>
internal sealed partial class CredentialProviders(IReadOnlyList<CredentialProvider> providers, string folder, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Provider, string Key), Answer> _answers = new();

    /// <summary>The plugins that options name.</summary>
    /// <exception cref="FormatException">Their configuration is wrong.</exception>
    public static CredentialProviders Of(KubeletOptions options, TimeProvider time, ILogger logger)
    {
        var file = options.CredentialProviderConfiguration;
        return new CredentialProviders(file.Length == 0 ? [] : CredentialProvider.Parse(File.ReadAllText(file)), options.CredentialProviderDirectory, time, logger);
    }

    /// <summary>What the plugins give for an image. One that fails gives nothing: the registry may not ask for anything.</summary>
    public async Task<IReadOnlyList<RegistryCredentials>> FindAsync(string image, CancellationToken cancellationToken)
    {
        var found = new List<RegistryCredentials>();
        foreach (var provider in providers)
        {
            if (!provider.Patterns.Any(pattern => pattern.Matches(image)))
            {
                continue;
            }
            try
            {
                found.AddRange(CredentialsIn(Remembered(provider, image) ?? await AskAsync(provider, image, cancellationToken), image));
            }
            catch (Exception exception) when (exception is Win32Exception or IOException or JsonException or FormatException or InvalidOperationException or TimeoutException)
            {
                LogFailed(provider.Name, image, exception.Message);
            }
        }
        return found;
    }

    private static IEnumerable<RegistryCredentials> CredentialsIn(Answer answer, string image) => answer.Credentials
        .Where(entry => entry.Pattern.Matches(image))
        .OrderByDescending(static entry => entry.Pattern.Length)
        .Select(entry => new RegistryCredentials(entry.Username, entry.Password));

    // An answer is for the image, for its registry, or for all.
    private Answer? Remembered(CredentialProvider provider, string image)
    {
        foreach (var key in (ReadOnlySpan<string>)[image, ImageName.RegistryOf(image), ""])
        {
            if (_answers.TryGetValue((provider.Name, key), out var answer) && time.GetUtcNow() < answer.Until)
            {
                return answer;
            }
        }
        return null;
    }

    private async Task<Answer> AskAsync(CredentialProvider provider, string image, CancellationToken cancellationToken)
    {
        var request = new JsonObject { ["apiVersion"] = provider.ApiVersion, ["kind"] = "CredentialProviderRequest", ["image"] = image };
        var response = JsonNode.Parse(await RunAsync(provider, request.ToJsonString(), cancellationToken));
        if ((string?)response?["kind"] != "CredentialProviderResponse" || (string?)response["apiVersion"] != provider.ApiVersion)
        {
            throw new FormatException($"it answers with no CredentialProviderResponse of {provider.ApiVersion}");
        }
        var duration = (string?)response["cacheDuration"] is { } told ? Api.Times.GoDuration.Parse(told) : provider.CacheDuration;
        var answer = new Answer(
            [.. (response["auth"]?.AsObject() ?? []).Select(static entry =>
                (new ImagePattern(entry.Key), (string?)entry.Value?["username"] ?? "", (string?)entry.Value?["password"] ?? ""))],
            time.GetUtcNow() + duration);
        var key = (string?)response["cacheKeyType"] switch
        {
            "Image" => image,
            "Registry" => ImageName.RegistryOf(image),
            "Global" => "",
            var other => throw new FormatException($"credential provider plugin did not return a valid cacheKeyType: \"{other}\""),
        };
        _answers[(provider.Name, key)] = answer;
        return answer;
    }

    private async Task<string> RunAsync(CredentialProvider provider, string request, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Path.Combine(folder, provider.Name), provider.Arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in provider.Environment)
        {
            start.Environment[name] = value;
        }
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var process = Process.Start(start)!;
        try
        {
            await process.StandardInput.WriteAsync(request.AsMemory(), either.Token);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(either.Token);
            var error = process.StandardError.ReadToEndAsync(either.Token);
            await process.WaitForExitAsync(either.Token);
            return process.ExitCode == 0 ? await output : throw new FormatException($"it ended with code {process.ExitCode}: {await error}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill();
            throw new TimeoutException($"it did not answer within {Patience.TotalSeconds:0} seconds");
        }
    }

    [LoggerMessage(LogLevel.Warning, "Credential provider {Provider} gives nothing for image {Image}: {Problem}")]
    private partial void LogFailed(string provider, string image, string problem);

    private sealed record Answer(IReadOnlyList<(ImagePattern Pattern, string Username, string Password)> Credentials, DateTimeOffset Until);
}

using System.Text;
using Kybernet.Api.Certificates;
using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Tests.Authorization;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.ApiServer.Tests.Authentication;

/// <summary>Who joins with a token that a Secret of <c>kube-system</c> keeps.</summary>
public sealed class BootstrapTokenTests
{
    private static readonly BootstrapToken Joining = new("abcdef", "0123456789abcdef");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeFeeds _feeds = new();

    [Fact]
    public async Task A_token_stands_for_its_id_and_the_groups_that_its_secret_names()
    {
        Keep(Joining.ToSecret("for a test", expiration: null));

        var identity = await AuthenticateAsync(Joining.ToString());

        Assert.Equal("system:bootstrap:abcdef", identity!.User.Name);
        Assert.Equal(["system:bootstrappers", "system:bootstrappers:kubeadm:default-node-token"], identity.User.Groups);
    }

    [Fact]
    public async Task Groups_outside_of_the_bootstrappers_are_not_given()
    {
        Keep(With("auth-extra-groups", "system:masters,system:bootstrappers:mine"));

        Assert.Equal(["system:bootstrappers", "system:bootstrappers:mine"], (await AuthenticateAsync(Joining.ToString()))!.User.Groups);
    }

    [Fact]
    public async Task A_token_is_good_until_it_expires()
    {
        Keep(Joining.ToSecret("", _time.GetUtcNow().AddHours(1)));
        Assert.NotNull(await AuthenticateAsync(Joining.ToString()));

        _time.Advance(TimeSpan.FromHours(1));

        await AssertRefusedAsync(Joining.ToString());
    }

    [Theory]
    [InlineData("usage-bootstrap-authentication", "false")]
    [InlineData("token-id", "ghijkl")]
    [InlineData("expiration", "next year")]
    public async Task A_secret_that_is_not_for_this_lets_nobody_in(string key, string value)
    {
        Keep(With(key, value));

        await AssertRefusedAsync(Joining.ToString());
    }

    [Theory]
    [InlineData("abcdef.fedcba9876543210")]
    [InlineData("zzzzzz.0123456789abcdef")]
    public async Task A_wrong_secret_or_an_unknown_id_is_refused(string token)
    {
        Keep(Joining.ToSecret("", expiration: null));

        await AssertRefusedAsync(token);
    }

    [Fact]
    public async Task A_secret_of_another_type_is_no_token()
    {
        Keep(Joining.ToSecret("", expiration: null) with { Type = "Opaque" });

        await AssertRefusedAsync(Joining.ToString());
    }

    [Fact]
    public async Task What_does_not_look_like_a_token_is_left_to_others() => Assert.Null(await AuthenticateAsync("abcdef.short"));

    private static Secret With(string key, string value)
    {
        var secret = Joining.ToSecret("", expiration: null);
        return secret with { Data = new Dictionary<string, ReadOnlyMemory<byte>>(secret.Data) { [key] = Encoding.UTF8.GetBytes(value) } };
    }

    private void Keep(Secret secret) => _feeds.Set(secret);

    private ValueTask<TokenIdentity?> AuthenticateAsync(string token) =>
        new BootstrapTokenAuthenticator(_feeds, _time).AuthenticateAsync(token, [], TestContext.Current.CancellationToken);

    private async Task AssertRefusedAsync(string token) =>
        Assert.Equal(401, (await Assert.ThrowsAsync<ApiError>(async () => await AuthenticateAsync(token))).Code);
}

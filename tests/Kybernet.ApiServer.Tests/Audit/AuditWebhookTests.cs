namespace Kybernet.ApiServer.Tests.Audit;

public sealed class AuditWebhookTests
{
    private const string Ours = """[{"level":"Metadata","users":["admin"],"omitStages":["RequestReceived"]}]""";

    [Fact]
    public async Task Events_are_sent_many_at_a_time()
    {
        await using var webhook = await AuditWebhook.StartAsync();
        await using var audited = await AuditedServer.StartAsync(Ours, new() { ["--audit-webhook-batch-max-size"] = "5", ["--audit-webhook-batch-max-wait"] = "1h" }, webhook);

        for (var i = 0; i < 10; i++)
        {
            using var response = await audited.SendAsync($"r{i}", HttpMethod.Get, "/api");
        }
        var lists = await Eventually.HasAsync(webhook.Taken.ToArray, 2);

        Assert.All(lists, static list => Assert.Equal(("EventList", "audit.k8s.io/v1", 5), ((string)list["kind"]!, (string)list["apiVersion"]!, list["items"]!.AsArray().Count)));
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => $"r{i}"), webhook.Events.Select(static item => (string)item["auditID"]!));
    }

    [Fact]
    public async Task An_event_waits_for_others_no_longer_than_it_is_told_to()
    {
        await using var webhook = await AuditWebhook.StartAsync();
        await using var audited = await AuditedServer.StartAsync(Ours, new() { ["--audit-webhook-batch-max-wait"] = "10ms" }, webhook);

        using var response = await audited.SendAsync("alone", HttpMethod.Get, "/api");

        Assert.Equal("alone", (string)(await Eventually.HasAsync(() => webhook.Events, 1))[0]["auditID"]!);
    }

    [Theory]
    [InlineData("batch")]
    [InlineData("blocking")]
    public async Task Events_are_sent_again_until_they_are_taken(string mode)
    {
        await using var webhook = await AuditWebhook.StartAsync();
        var refusals = 3;
        webhook.Answer = () => Task.FromResult(Interlocked.Decrement(ref refusals) >= 0 ? 503 : 200);
        await using var audited = await AuditedServer.StartAsync(
            Ours, new() { ["--audit-webhook-mode"] = mode, ["--audit-webhook-batch-max-wait"] = "10ms", ["--audit-webhook-initial-backoff"] = "10ms" }, webhook);

        using var response = await audited.SendAsync("again", HttpMethod.Get, "/api");

        Assert.Equal("again", (string)Assert.Single(await Eventually.HasAsync(() => webhook.Events, 1))["auditID"]!);
        Assert.True(refusals < 0);
    }

    [Fact]
    public async Task Requests_do_not_wait_for_a_webhook_that_hangs_and_events_that_find_no_room_are_counted()
    {
        await using var webhook = await AuditWebhook.StartAsync();
        var hanging = new TaskCompletionSource<int>();
        webhook.Answer = () => hanging.Task;
        await using var audited = await AuditedServer.StartAsync(
            Ours, new() { ["--audit-webhook-batch-max-size"] = "1", ["--audit-webhook-batch-max-wait"] = "1ms", ["--audit-webhook-batch-buffer-size"] = "2" }, webhook);

        for (var i = 0; i < 20; i++)
        {
            using var response = await audited.SendAsync($"r{i}", HttpMethod.Get, "/api");
            Assert.Equal(200, (int)response.StatusCode);
        }
        var metrics = await audited.Server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        hanging.SetResult(200);

        var lost = int.Parse(metrics.Split('\n').Single(static line => line.StartsWith("apiserver_audit_error_total ", StringComparison.Ordinal)).Split(' ')[1], null);
        Assert.InRange(lost, 15, 19);
    }

    [Theory]
    [InlineData("blocking", 200)]
    [InlineData("blocking-strict", 500)]
    public async Task A_request_that_cannot_be_recorded_fails_only_where_it_is_told_to(string mode, int expected)
    {
        await using var webhook = await AuditWebhook.StartAsync();
        webhook.Answer = static () => Task.FromResult(400);
        await using var audited = await AuditedServer.StartAsync("""[{"level":"Metadata","users":["admin"]}]""", new() { ["--audit-webhook-mode"] = mode }, webhook);

        var (code, body, _) = await audited.Server.AskAsync(HttpMethod.Get, "/api/v1/nodes");

        Assert.Equal(expected, code);
        Assert.True(code == 200 || (string)body!["message"]! == "Internal error occurred: failed to store audit event");
    }

    [Fact]
    public async Task What_is_gathered_is_sent_before_the_server_ends()
    {
        await using var webhook = await AuditWebhook.StartAsync();
        await using (var audited = await AuditedServer.StartAsync(Ours, new() { ["--audit-webhook-batch-max-wait"] = "1h" }, webhook))
        {
            using var response = await audited.SendAsync("last", HttpMethod.Get, "/api");
        }

        Assert.Equal("last", (string)Assert.Single(webhook.Events)["auditID"]!);
    }
}

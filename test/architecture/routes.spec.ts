import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { AppModule } from '../../src/app.module.js';
import { Public, RequirePermission } from '../../src/platform/auth/decorators.js';
import { isPermissionName, Permission } from '../../src/platform/auth/permissions.js';
import { handlersOf, type Handler } from './handlers.js';

/** Open to everyone, and why. */
const PUBLIC_HANDLERS: Record<string, string> = {
  'CalendarController.get': 'the token in the address is the permission: calendars cannot sign in',
  'ExportFileController.file': 'the signature in the link is the permission',
  'FileContentController.shared': 'the signature in the link is the permission',
  'HealthController.livez': 'asked by orchestrators',
  'HealthController.readyz': 'asked by load balancers',
  'HealthController.report': 'asked by clients of the API and by status pages',
  'HealthController.metrics': 'checks the address or its own token',
  'HealthController.welcome': 'where the documentation is',
  'IdentitiesController.link': 'the link token and the password are the proof',
  'MemeRenderController.show': 'image tags send no header; only what is public of a meme is drawn',
  'MembersController.register': 'who signs up has no account yet',
  'PollChainController.audit': 'as PollsController.get',
  'PollChainController.receipt': 'as PollsController.get',
  'PollOpinionsController.list': 'as PollsController.get',
  'PollResultsController.ballots': 'as PollsController.get',
  'PollResultsController.draw': 'as PollsController.get',
  'PollResultsController.result': 'as PollsController.get',
  'PollResultsController.turnout': 'as PollsController.get',
  'PollsController.list': 'who is not signed in finds public polls',
  'PollsController.get': 'public polls are anybody\'s; of others guests get 401',
  'DeviceTokensController.issue': 'who votes in a public poll need not have an account',
  'OidcController.begin': 'who signs in is not signed in',
  'OidcController.finish': 'the provider\'s answer and the cookie are the proof',
  'OidcController.exchange': 'the code is the proof',
  'PaymentsController.receive': 'payment providers sign what they say',
  'PassesController.keys': 'public keys are for every gate',
  'PasswordResetsController.request': 'who has forgotten the password cannot sign in',
  'PasswordResetsController.confirm': 'the token from the mail is the proof',
  'EmailVerificationsController.confirm': 'the token from the mail is the proof',
  'SandboxPaymentsController.settle': 'the client secret in the path is the permission, and no money moves',
  'SandboxPaymentsController.show': 'as SandboxPaymentsController.settle',
  'SessionsController.signIn': 'who signs in is not signed in',
  'SessionsController.refresh': 'the refresh token is the proof',
  'TusController.options': 'what the door speaks is asked before anybody signs in, by browsers without a token',
  'TusController.uploadOptions': 'as TusController.options',
  'VotesController.cast': 'anybody with a device token votes in a public poll',
  'VotesController.change': 'as VotesController.cast',
  'VotesController.takeBack': 'as VotesController.cast',
};

const unguarded = (handlers: readonly Handler[]) => handlers.filter(({ guard }) => guard === undefined).map(({ name }) => name);

describe('every handler', () => {
  it('says who may call it: @Public() or @RequirePermission()', async () => {
    const handlers = await handlersOf(AppModule);
    expect(handlers.length).toBeGreaterThan(15);
    expect(unguarded(handlers)).toEqual([]);
  });

  it('names a permission that exists', async () => {
    const unknown = (await handlersOf(AppModule)).filter(({ guard }) => guard !== undefined && guard !== 'public' && !isPermissionName(guard));
    expect(unknown).toEqual([]);
  });

  it('is open to everyone only in the few known places', async () => {
    const open = (await handlersOf(AppModule)).filter(({ guard }) => guard === 'public').map(({ name }) => name);
    expect(open.sort()).toEqual(Object.keys(PUBLIC_HANDLERS).sort());
  });

  it('has a path of its own', async () => {
    const routes = (await handlersOf(AppModule)).flatMap(({ method, paths }) => paths.map((path) => `${method} ${path}`));
    expect(routes.filter((route, at) => routes.indexOf(route) !== at)).toEqual([]);
  });
});

describe('the search for unguarded handlers', () => {
  abstract class Inherited {
    @Get('inherited')
    inherited(): void {}
  }

  @Controller('open')
  class ForgetfulController extends Inherited {
    @Get()
    forgotten(): void {}

    @Post('public')
    @Public()
    open(): void {}

    @Post('guarded')
    @RequirePermission(Permission.CreditsRead)
    guarded(): void {}

    noHandler(): void {}
  }

  @Controller('class')
  @RequirePermission(Permission.CreditsRead)
  class GuardedController {
    @Get()
    guardedByItsClass(): void {}
  }

  @WebSocketGateway()
  class ForgetfulGateway {
    @SubscribeMessage('heard')
    @RequirePermission(Permission.ProfileRead)
    guarded(): void {}

    @SubscribeMessage('overheard')
    forgotten(): void {}
  }

  @Module({ controllers: [GuardedController] })
  class InnerModule {}

  class DynamicallyMade {}

  @Module({ imports: [InnerModule, Promise.resolve({ module: DynamicallyMade, controllers: [ForgetfulController] })], providers: [ForgetfulGateway] })
  class OuterModule {}

  it('finds them in modules within modules, inherited ones and socket events too', async () => {
    const handlers = await handlersOf(OuterModule);
    expect(unguarded(handlers).sort()).toEqual(['ForgetfulController.forgotten', 'ForgetfulController.inherited', 'ForgetfulGateway.forgotten']);
    expect(handlers.map(({ method, paths }) => `${method} ${paths.join()}`).sort()).toEqual([
      'EVENT heard', 'EVENT overheard', 'GET /class', 'GET /open', 'GET /open/inherited', 'POST /open/guarded', 'POST /open/public',
    ]);
  });
});
